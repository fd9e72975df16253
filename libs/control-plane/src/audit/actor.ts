/** Who caused a change: what the audit log says of them. */
export interface Actor {
  /** The key's name, or what part of the service acted by itself. */
  readonly name: string;
  readonly keyId: string | null;
  readonly requestId: string | null;
}
