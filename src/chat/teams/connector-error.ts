/**
 * The only error of a connector. It holds codes and never what was sent, received or signed with. `status`
 * 0: no answer; then `sent` says whether anything may have left this machine.
 */
export class ConnectorError extends Error {
  override readonly name = 'ConnectorError';
  readonly status: number;
  readonly code: string;
  readonly retryAfter: string | null;
  readonly sent: boolean;

  constructor(code: string, of: { status?: number; retryAfter?: string | null; sent: boolean }) {
    super(code);
    this.code = code;
    this.status = of.status ?? 0;
    this.retryAfter = of.retryAfter ?? null;
    this.sent = of.sent;
  }
}

/**
 * Entra answered, and gives this bot no token, which stays so until somebody mends it. Anything else that keeps a
 * token away (no connection, trouble at Entra, too long a wait) can pass by itself and is another error.
 */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';

  /** @param code Entra's, such as `invalid_client` */
  constructor(code: string) {
    super(code);
  }
}
