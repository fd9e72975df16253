/** An event as a stream brings it. */
export interface ServerEvent {
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
}

/**
 * Takes a stream of server-sent events apart (WHATWG HTML, 9.2), as far as this service makes use of them: fields of
 * one line, `id`, `event` and `data`.
 * @returns takes a piece of text, gives the events that it completes
 */
export function eventParser(): (text: string) => ServerEvent[] {
  let rest = '';
  return (text) => {
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop() ?? '';
    return blocks.map(parseBlock).filter((event) => event !== null);
  };
}

function parseBlock(block: string): ServerEvent | null {
  let [id, type, data] = ['', 'message', ''];
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    const value = line.slice(colon + 1).replace(/^ /, '');
    switch (line.slice(0, colon)) {
      case 'id':
        id = value;
        break;
      case 'event':
        type = value;
        break;
      case 'data':
        data = value;
        break;
      default:
    }
  }
  if (data === '') return null;
  try {
    return { id, type, data: JSON.parse(data) as unknown };
  } catch {
    return null;
  }
}
