/**
 * Base of every error we throw on purpose. The command line prints its message without a stack trace and exits with
 * `exitCode`. `code` is stable; messages may change.
 */
export abstract class PeftMatrixError extends Error {
  abstract readonly code: `E_${string}`;
  /** 2 = usage or bad input, 3 = infrastructure. */
  abstract readonly exitCode: 2 | 3;
  override get name(): string {
    return this.constructor.name;
  }
}

/** The user's input is wrong: a flag, a matrix file, a config. The message says where, what, and what is allowed. */
export class InputError extends PeftMatrixError {
  readonly code = 'E_INPUT';
  readonly exitCode = 2;
}

/** The machinery failed: no interpreter, no index, a full disk, a corrupted ledger. The message says what to do. */
export class InfrastructureError extends PeftMatrixError {
  readonly code = 'E_INFRASTRUCTURE';
  readonly exitCode = 3;
}
