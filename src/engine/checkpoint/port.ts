/** How a worker, whose thread is busy in its loop, hands its parts of checkpoints to the main thread. */
import type { MessagePort } from 'node:worker_threads';
import type { SnapshotCollector, SnapshotPart } from './cut.js';

type Message =
  | { readonly kind: 'part'; readonly id: number; readonly part: SnapshotPart }
  | { readonly kind: 'done'; readonly id: number; readonly pauseMs: number }
  | { readonly kind: 'epochs' }
  | { readonly kind: 'left' };

/** The worker's end. The bytes of a part are handed over, not copied. */
export function sendParts(port: MessagePort): SnapshotCollector {
  const post = (message: Message, handedOver: ArrayBuffer[] = []) =>
    port.postMessage(message, handedOver);
  return {
    part: (id, part) => {
      const { bytes } = part as SnapshotPart;
      post({ kind: 'part', id, part: part as SnapshotPart }, [bytes.buffer]);
    },
    done: (id, pauseMs) => post({ kind: 'done', id, pauseMs }),
    epochs: () => post({ kind: 'epochs' }),
    left: () => post({ kind: 'left' }),
  };
}

/** The main thread's end. It does not keep the process alive. */
export function receiveParts(port: MessagePort, collector: SnapshotCollector): void {
  port.on('message', (message: Message) => {
    if (message.kind === 'part') collector.part(message.id, message.part);
    else if (message.kind === 'done') collector.done(message.id, message.pauseMs);
    else if (message.kind === 'epochs') collector.epochs();
    else collector.left();
  });
  port.unref();
}
