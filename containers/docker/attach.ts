import { once } from 'node:events';
import type { Container } from 'dockerode';
import { Socket } from 'node:net';
import { finished, type PassThrough } from 'node:stream';
import { answerLimitMs, withinLimit } from './engine.ts';

/** The streams that a container's are joined to. */
export interface Ends {
  readonly stdin: PassThrough;
  readonly stdout: PassThrough;
  readonly stderr: PassThrough;
}

/** Bytes of a frame's header: which stream, three zeros, length (Engine API, "Stream format"). */
const headerLength = 8;
const stdoutKind = 1;

/**
 * Joins a container's streams to ours. Attached between create and start, it misses nothing. Keeps reading whatever
 * happens, for a reader that stops makes the engine's `kill` and `inspect` hang.
 *
 * @returns The connection; destroying it lets go of the container.
 */
export const attach = async (container: Container, { stdin, stdout, stderr }: Ends): Promise<Socket> => {
  const socket = await withinLimit('attaching to a container', answerLimitMs, (abortSignal) =>
    container.attach({ stream: true, hijack: true, stdin: true, stdout: true, stderr: true, abortSignal }),
  );
  if (!(socket instanceof Socket)) throw new Error('the engine gave no connection of its own for a container');
  const frames = new Frames((kind, payload) => (kind === stdoutKind ? stdout : stderr).write(payload));
  socket.on('data', (chunk: Buffer) => frames.take(chunk));
  // A broken connection shows as the end of the output; why it broke says the engine, not the socket.
  socket.on('error', () => {});
  finished(socket, { writable: false }, () => {
    stdout.end();
    stderr.end();
  });
  stdin.pipe(socket);
  return socket;
};

/** Waits until nothing more can come through a connection. */
export const closed = async (socket: Socket): Promise<void> => {
  if (!socket.closed) await once(socket, 'close');
};

/**
 * Takes the frames apart that carry both outputs over one connection. docker-modem's own `demuxStream` calls itself once
 * a frame, and a program that writes byte by byte overflows its stack.
 */
class Frames {
  readonly #onPayload: (kind: number, payload: Buffer) => void;
  #header = Buffer.alloc(0);
  #kind = 0;
  #left = 0;

  constructor(onPayload: (kind: number, payload: Buffer) => void) {
    this.#onPayload = onPayload;
  }

  take(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#left === 0) rest = this.#takeHeader(rest);
      const payload = rest.subarray(0, this.#left);
      if (payload.length > 0) this.#onPayload(this.#kind, payload);
      this.#left -= payload.length;
      rest = rest.subarray(payload.length);
    }
  }

  #takeHeader(chunk: Buffer): Buffer {
    const missing = headerLength - this.#header.length;
    this.#header = Buffer.concat([this.#header, chunk.subarray(0, missing)]);
    if (this.#header.length === headerLength) {
      this.#kind = this.#header.readUInt8(0);
      this.#left = this.#header.readUInt32BE(4);
      this.#header = Buffer.alloc(0);
    }
    return chunk.subarray(missing);
  }
}
