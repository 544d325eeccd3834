/** How well a learner predicts what it has not learned from yet. */
import type { OnlineLogisticRegressionModel } from '../../src/index.js';

/** Of one prediction, bounded as scikit-learn does. */
export const logLossOf = (p: number): number => -Math.log(Math.min(Math.max(p, 1e-15), 1 - 1e-15));

/** The mean log-loss of predictions before their batch is learned from, but for the first batch. */
export async function prequentialLogLoss(model: OnlineLogisticRegressionModel): Promise<number> {
  let [total, seen, isFirst] = [0, 0, true];
  for await (const { labels, probabilities } of model.predictions()) {
    if (!isFirst) {
      seen += labels.length;
      for (let i = 0; i < labels.length; i++) {
        total += logLossOf(labels[i] === 1 ? probabilities[i]! : 1 - probabilities[i]!);
      }
    }
    isFirst = false;
  }
  await model.completed();
  return total / seen;
}
