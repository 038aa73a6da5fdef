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
