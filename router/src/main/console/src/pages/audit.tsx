import { useState } from 'preact/hooks';
import type { AuditLine, AuditReport } from '../api/types';
import { time } from '../logic/format';
import { link, useLive } from '../state/live';
import { useClient } from '../state/session';
import { RouterDiff } from '../ui/changes';
import { Badge, Dialog, Empty, Notice, Panel, Shown, Table } from '../ui/parts';

interface Page {
  audit: AuditLine[];
  nextPageToken: string;
}

const PAGE = 200;

/** The audit log, newest first, and whether nobody has touched it. */
export function Audit() {
  const client = useClient();
  const [search, setSearch] = useState('');
  const [refused, setRefused] = useState(false);
  const [older, setOlder] = useState<{ lines: AuditLine[]; next: string } | undefined>();
  const [shown, setShown] = useState<AuditLine | undefined>();
  const newest = useLive<Page>(async (c, s) => (await c.get<Page>('/audit', { order: 'newest', pageSize: PAGE }, s)).body, 5000);
  const report = useLive<AuditReport>(async (c, s) => (await c.get<AuditReport>('/audit:verify', {}, s)).body, 0);
  const now = new Date();

  const more = async (token: string, before: AuditLine[]): Promise<void> => {
    const page = (await client.get<Page>('/audit', { order: 'newest', pageSize: PAGE, pageToken: token })).body;
    setOlder({ lines: [...before, ...page.audit], next: page.nextPageToken });
  };

  return (
    <>
      <div class="title">
        <h1>Audit</h1>
        <button type="button" onClick={report.reload}>
          Verify
        </button>
      </div>
      <Shown live={report} what="the audit log" lines={1}>
        {(found) =>
          found.problem === '' ? (
            <Notice tone="good" title={`${found.entries.toLocaleString('en')} ${found.entries === 1 ? 'line' : 'lines'}, unbroken`}>
              Each line's hash is over the line before. Head <code>{found.head.slice(0, 16)}</code>
            </Notice>
          ) : (
            <Notice tone="bad" title="The log is not as it was written">
              {found.problem}
            </Notice>
          )
        }
      </Shown>
      <Panel title="Newest first">
        <div class="filters" role="search" aria-label="Filter">
          <label class="search">
            Search
            <input type="search" placeholder="who, what, outcome" onInput={(e) => setSearch(e.currentTarget.value.toLowerCase())} />
          </label>
          <label class="check">
            <input type="checkbox" checked={refused} onChange={(e) => setRefused(e.currentTarget.checked)} />
            Refused only
          </label>
        </div>
        <Shown live={newest} what="the audit log" lines={10} staleAfterMs={20_000}>
          {(page) => {
            const last = page.audit.at(-1)?.seq ?? 0;
            const all = [...page.audit, ...(older?.lines ?? []).filter((line) => line.seq < last)];
            const lines = all.filter((line) => fits(line, search) && (!refused || line.entry.outcome !== 'DONE'));
            const next = older?.next ?? page.nextPageToken;
            return (
              <>
                {lines.length === 0 ? (
                  <Empty title={all.length === 0 ? 'Nothing has been written yet' : 'No line fits'} />
                ) : (
                  <Table label="Audit log" head={['Line', 'When', 'Who', 'What', 'Outcome', 'Revision']} numbers={[0]}>
                    {lines.map((line) => (
                      <tr key={line.seq}>
                        <td class="number">
                          <button type="button" class="quiet" aria-label={`Line ${line.seq}`} onClick={() => setShown(line)}>
                            {line.seq}
                          </button>
                        </td>
                        <td class="nowrap">{time(line.entry.at ?? '', now)}</td>
                        <td>{line.entry.actor}</td>
                        <td>
                          <code>{line.entry.action}</code>
                        </td>
                        <td>
                          <Badge tone={line.entry.outcome === 'DONE' ? 'good' : 'warn'}>{(line.entry.outcome ?? '').toLowerCase().replaceAll('_', ' ')}</Badge>
                        </td>
                        <td>{line.entry.revision !== undefined && line.entry.revision > 0 && <a href={link('rollouts', String(line.entry.revision))}>{line.entry.revision}</a>}</td>
                      </tr>
                    ))}
                  </Table>
                )}
                {next !== '' && (
                  <p class="more">
                    <button type="button" onClick={() => void more(next, all)}>
                      Older
                    </button>
                  </p>
                )}
              </>
            );
          }}
        </Shown>
      </Panel>
      {shown !== undefined && <Line line={shown} onClose={() => setShown(undefined)} />}
    </>
  );
}

function fits(line: AuditLine, search: string): boolean {
  return search === '' || JSON.stringify(line.entry).toLowerCase().includes(search);
}

function Line(props: { line: AuditLine; onClose: () => void }) {
  const { entry } = props.line;
  return (
    <Dialog title={`Line ${props.line.seq}`} wide onClose={props.onClose}>
      <dl class="facts wide">
        <dt>When</dt>
        <dd>{entry.at}</dd>
        <dt>Who</dt>
        <dd>{entry.actor}</dd>
        <dt>What</dt>
        <dd>{entry.action}</dd>
        <dt>Outcome</dt>
        <dd>{entry.outcome}</dd>
        {entry.ifMatch !== undefined && entry.ifMatch !== '' && (
          <>
            <dt>If-Match</dt>
            <dd>
              <code>{entry.ifMatch}</code>
            </dd>
          </>
        )}
        {entry.traceId !== undefined && entry.traceId !== '' && (
          <>
            <dt>Trace</dt>
            <dd>
              <code>{entry.traceId}</code>
            </dd>
          </>
        )}
        <dt>Hash</dt>
        <dd>
          <code>{props.line.hash}</code>
        </dd>
      </dl>
      {entry.diff !== undefined && <RouterDiff diff={entry.diff} />}
    </Dialog>
  );
}
