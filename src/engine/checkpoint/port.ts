/** How a worker, whose thread is busy in its loop, hands its parts of checkpoints to the main thread. */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { isReusable, SnapshotBuffers } from './buffers.js';
import type { SnapshotCollector, SnapshotPart } from './cut.js';

type Message =
  | { readonly kind: 'part'; readonly id: number; readonly part: Omit<SnapshotPart, 'release'> }
  | { readonly kind: 'done'; readonly id: number; readonly pauseMs: number }
  | { readonly kind: 'prepared' }
  | { readonly kind: 'epochs' }
  | { readonly kind: 'left' };

/** The worker's end. The bytes of a part are handed over, not copied, and their memory comes back. */
export function sendParts(port: MessagePort): SnapshotCollector {
  const post = (message: Message, handedOver: ArrayBuffer[] = []) =>
    port.postMessage(message, handedOver);
  const buffers = new SnapshotBuffers();
  return {
    allocate: (bytes) => {
      for (let back = receiveMessageOnPort(port); back; back = receiveMessageOnPort(port)) {
        buffers.giveBack(back.message as ArrayBuffer);
      }
      return buffers.take(bytes);
    },
    release: (buffer) => buffers.giveBack(buffer),
    prepared: () => post({ kind: 'prepared' }),
    part: (id, part) => {
      const { key, bytes, shards } = part as SnapshotPart;
      post({ kind: 'part', id, part: { key, bytes, shards } }, [bytes.buffer]);
    },
    done: (id, pauseMs) => {
      buffers.trim();
      post({ kind: 'done', id, pauseMs });
    },
    epochs: () => post({ kind: 'epochs' }),
    left: () => post({ kind: 'left' }),
  };
}

/** The main thread's end. It does not keep the process alive. */
export function receiveParts(port: MessagePort, collector: SnapshotCollector): void {
  port.on('message', (message: Message) => {
    if (message.kind === 'part') {
      const { id, part } = message;
      const { buffer } = part.bytes;
      const release = () => {
        if (isReusable(buffer)) port.postMessage(buffer, [buffer]);
      };
      collector.part(id, { ...part, release });
    } else if (message.kind === 'done') collector.done(message.id, message.pauseMs);
    else if (message.kind === 'prepared') collector.prepared();
    else if (message.kind === 'epochs') collector.epochs();
    else collector.left();
  });
  port.unref();
}
