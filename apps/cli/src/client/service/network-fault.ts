/** Why a request got no answer. */
export interface NetworkFault {
  readonly reason: string;
  /** It may be otherwise in a moment. */
  readonly mayPass: boolean;
  /** The service can't have received the request. */
  readonly notSent: boolean;
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  UND_ERR_CONNECT_TIMEOUT: 'no answer to the connection',
  ETIMEDOUT: 'no answer to the connection',
  EHOSTUNREACH: 'the host is not reachable',
  ENETUNREACH: 'the network is not reachable',
  EAI_AGAIN: 'the name can not be resolved at the moment',
  ENOTFOUND: 'there is no such host',
};
const NEVER_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'UND_ERR_CONNECT_TIMEOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ENOTFOUND',
]);

/** Reads what fetch, or the reading of a body, has thrown. Null for what is no fault of the network: a defect. */
export function networkFaultOf(error: unknown): NetworkFault | null {
  if (!(error instanceof Error)) return null;
  if (error.name === 'TimeoutError') return { reason: 'no answer in time', mayPass: true, notSent: false };
  const code = codeOf(error);
  if (code === null) {
    // fetch says no more than `terminated` of a body that was cut, and `fetch failed` of much else.
    return error instanceof TypeError && /terminated|fetch failed|network/i.test(error.message)
      ? { reason: 'the connection was cut', mayPass: true, notSent: false }
      : null;
  }
  if (isTlsFault(code)) return { reason: `TLS: ${tlsReason(code)}`, mayPass: false, notSent: true };
  return { reason: REASONS[code] ?? code, mayPass: code !== 'ENOTFOUND', notSent: NEVER_SENT.has(code) };
}

/** fetch wraps what happened, sometimes twice: several addresses of a host make an AggregateError. */
function codeOf(error: unknown, depth = 0): string | null {
  if (!(error instanceof Error) || depth > 3) return null;
  // The system's codes and fetch's are in capitals; what this program throws itself has others.
  if ('code' in error && typeof error.code === 'string' && /^[A-Z]/.test(error.code)) return error.code;
  if (error instanceof AggregateError) return codeOf(error.errors[0], depth + 1);
  return codeOf(error.cause, depth + 1);
}

function isTlsFault(code: string): boolean {
  return /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH)|^EPROTO$/.test(code);
}

function tlsReason(code: string): string {
  switch (code) {
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return 'the other side does not speak it (is it http:// ?)';
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return 'the certificate is of nobody that is trusted (NODE_EXTRA_CA_CERTS names a file of further authorities)';
    case 'CERT_HAS_EXPIRED':
      return 'the certificate has expired';
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return 'the certificate is for another host';
    default:
      return code;
  }
}
