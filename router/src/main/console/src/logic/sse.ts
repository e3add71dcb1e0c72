/** An event of a stream of server-sent events. */
export interface ServerEvent {
  name: string;
  data: string;
}

/** Reads a stream of server-sent events as it comes, in pieces cut anywhere. */
export class EventReader {
  private rest = '';
  private name = '';
  private data: string[] = [];

  /** @param most characters that an event may have; a stream with longer ones is broken */
  constructor(
    private readonly emit: (event: ServerEvent) => void,
    private readonly most = 4_000_000,
  ) {}

  read(piece: string): void {
    const lines = (this.rest + piece).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? '';
    if (this.rest.length > this.most) {
      throw new Error('An event is too long');
    }
    lines.forEach((line) => this.line(line));
  }

  private line(line: string): void {
    if (line === '') {
      if (this.data.length > 0) {
        this.emit({ name: this.name === '' ? 'message' : this.name, data: this.data.join('\n') });
      }
      this.name = '';
      this.data = [];
      return;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') {
      this.name = value;
    } else if (field === 'data') {
      this.data.push(value);
    }
  }
}
