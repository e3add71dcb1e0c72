import type { Policy } from '../api/types';
import { inline, time } from '../logic/format';
import { at } from '../logic/json';
import type { Revision } from '../api/types';
import { link, useLive } from '../state/live';
import { Badge, Empty, Notice, Panel, Shown, Table } from '../ui/parts';
import { Editor } from './policy-editor';

export function Policies(props: { id: string | undefined }) {
  if (props.id !== undefined) {
    return <Editor key={props.id} id={props.id === '+' ? '' : props.id} />;
  }
  return <List />;
}

interface Listed {
  policies: Policy[];
  copy: string;
}

function List() {
  const policies = useLive<Listed>(async (c, s) => {
    const all: Policy[] = [];
    let pageToken = '';
    let copy = '';
    do {
      const page = await c.get<{ policies: Policy[]; nextPageToken: string }>('/policies', { pageToken }, s);
      all.push(...page.body.policies);
      pageToken = page.body.nextPageToken;
      copy = page.copy;
    } while (pageToken !== '' && all.length < 2000);
    return { policies: all.sort((a, b) => a.priority - b.priority), copy };
  }, 5000);
  return (
    <>
      <div class="title">
        <h1>Policies</h1>
        <a class="button primary" href={link('policies', '+')}>
          New policy
        </a>
      </div>
      <Panel title="In the order in which they are tried" note="the lowest priority first">
        <Shown live={policies} what="policies" lines={6} staleAfterMs={20_000}>
          {(data) => (
            <>
              {data.copy !== '' && <Notice tone="warn" title="The policy store cannot be reached">This is what the router last got; nothing can be written now.</Notice>}
              {data.policies.length === 0 ? (
                <Empty title="No policy">Requests are routed by the defaults.</Empty>
              ) : (
                <Table label="Policies" head={['Policy', 'Priority', 'Matches', 'Other regions', 'Spill', 'Residency', 'Mode']} numbers={[1]}>
                  {data.policies.map((policy) => (
                    <tr key={policy.id}>
                      <th scope="row">
                        <a href={link('policies', policy.id)}>{policy.id}</a>
                        {typeof policy['description'] === 'string' && <div class="faint">{policy['description']}</div>}
                      </th>
                      <td class="number">{policy.priority}</td>
                      <td>{matches(policy)}</td>
                      <td>{inline(policy['crossRegion'] ?? 'default').toLowerCase()}</td>
                      <td>{spill(policy)}</td>
                      <td>{inline(at(policy, ['residency', 'allowedRegions']) ?? '–').replace(/["[\]]/g, '').replaceAll(',', ', ')}</td>
                      <td>
                        <Badge tone="plain" title={policy.consistency === 'CP' ? 'Rather refuses than be wrong' : 'Rather serves than be exact'}>
                          {policy.consistency}
                        </Badge>
                      </td>
                    </tr>
                  ))}
                </Table>
              )}
            </>
          )}
        </Shown>
      </Panel>
      <Revisions />
    </>
  );
}

function matches(policy: Policy): string {
  const parts = [
    ['model', at(policy, ['match', 'modelGlob'])],
    ['tenant', at(policy, ['match', 'tenant'])],
    ['route', at(policy, ['match', 'route'])],
    ['headers', at(policy, ['match', 'headers'])],
  ]
    .filter(([, value]) => value !== undefined && value !== '*')
    .map(([name, value]) => `${String(name)} ${inline(value)}`);
  return parts.length === 0 ? 'everything' : parts.join(', ');
}

function spill(policy: Policy): string {
  const enabled = at(policy, ['spill', 'enabled']);
  const wait = at(policy, ['spill', 'maxWaitMs']);
  return enabled === false ? 'off' : wait === undefined ? 'default' : `over ${inline(wait)} ms`;
}

function Revisions() {
  const revisions = useLive<Revision[]>(async (c, s) => (await c.get<{ revisions: Revision[] }>('/revisions', { pageSize: 15 }, s)).body.revisions, 5000);
  const now = new Date();
  return (
    <Panel title="History" note="each write is a revision">
      <Shown live={revisions} what="revisions" staleAfterMs={20_000}>
        {(list) => (
          <Table label="Revisions" head={['Revision', 'When', 'By', 'What']} numbers={[]}>
            {list.map((revision) => (
              <tr key={revision.revision}>
                <th scope="row">
                  <a href={link('rollouts', String(revision.revision))}>{revision.revision}</a>
                </th>
                <td class="nowrap">{time(revision.createdAt, now)}</td>
                <td>{revision.author}</td>
                <td>{revision.description}</td>
              </tr>
            ))}
          </Table>
        )}
      </Shown>
    </Panel>
  );
}
