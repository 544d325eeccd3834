/** Where a stage's work runs. */
import { Session } from '../../src/index.js';

/** Runs something on a session with a worker: the threads that each of its jobs asked for. */
export async function threadsOfJobs(
  run: (session: Session) => Promise<unknown>,
): Promise<(number | undefined)[]> {
  const session = new Session({ threads: 1, inlineWork: 0 });
  const threads: (number | undefined)[] = [];
  const original = session.job.bind(session);
  session.job = (name, options) => {
    threads.push(options?.threads);
    return original(name, options);
  };
  await run(session);
  await session.close();
  return threads;
}
