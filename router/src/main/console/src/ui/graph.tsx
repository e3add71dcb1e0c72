import { useEffect, useRef, useState } from 'preact/hooks';
import { aside, edge, places } from '../logic/layout';
import { count, millis, percent } from '../logic/format';

export interface Node {
  id: string;
  own: boolean;
  reachable: boolean;
  hitRatio?: number;
  requests?: number;
  roundTripMs?: number;
  replicas?: number;
  service: string;
}

export interface Flow {
  from: string;
  to: string;
  requests: number;
  tokens: number;
}

const CARD = { width: 168, height: 84 };

/** The regions and what goes between them. The list below it says the same in words. */
export function RegionGraph(props: { nodes: Node[]; flows: Flow[] }) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(720);
  useEffect(() => {
    const element = box.current;
    if (element === null) {
      return undefined;
    }
    const sized = new ResizeObserver(() => setWidth(Math.max(280, element.clientWidth)));
    sized.observe(element);
    return () => sized.disconnect();
  }, []);
  const card = width < 520 ? { width: 132, height: 84 } : CARD;
  const height = props.nodes.length < 2 ? 130 : width < 520 ? 400 : props.nodes.length === 2 ? 150 : 330;
  const nodes = [...props.nodes].sort((a, b) => Number(b.own) - Number(a.own) || a.id.localeCompare(b.id));
  const at = new Map(places(nodes.length, width, height, card).map((point, i) => [nodes[i]?.id ?? '', point]));
  const own = nodes.find((node) => node.own);
  const most = Math.max(1, ...props.flows.map((flow) => flow.tokens));
  return (
    <div ref={box} class="graph">
      <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height} aria-hidden="true">
        <defs>
          <marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto">
            <path d="M0 0.5 8 4 0 7.5z" class="tip" />
          </marker>
        </defs>
        {nodes.flatMap((node, i) =>
          nodes.slice(i + 1).map((other) => {
            const [a, b] = [at.get(node.id), at.get(other.id)];
            if (a === undefined || b === undefined) {
              return null;
            }
            const [from, to] = [edge(a, b, card, 4), edge(b, a, card, 4)];
            const far = node.own ? other : other.own ? node : undefined;
            return (
              <g key={`${node.id} ${other.id}`}>
                <line x1={from.x} y1={from.y} x2={to.x} y2={to.y} class={far?.reachable === false ? 'way lost' : 'way'} />
                {far !== undefined && (
                  <text x={(from.x + to.x) / 2} y={(from.y + to.y) / 2 + 4} class="trip">
                    {far.reachable ? millis(far.roundTripMs) : 'no link'}
                  </text>
                )}
              </g>
            );
          }),
        )}
        {props.flows
          .filter((flow) => flow.requests > 0 && flow.from !== flow.to)
          .map((flow) => {
            const [a, b] = [at.get(flow.from), at.get(flow.to)];
            if (a === undefined || b === undefined) {
              return null;
            }
            const [from, to] = aside(edge(a, b, card, 4), edge(b, a, card, 4), 12);
            const middle = { x: from.x + (to.x - from.x) * 0.3, y: from.y + (to.y - from.y) * 0.3 };
            return (
              <g key={`${flow.from}>${flow.to}`}>
                <line
                  x1={from.x}
                  y1={from.y}
                  x2={to.x}
                  y2={to.y}
                  class="flow"
                  style={{ strokeWidth: `${1.5 + 4 * Math.sqrt(flow.tokens / most)}px` }}
                  marker-end="url(#tip)"
                />
                <text x={middle.x} y={middle.y + 4} class="carried">
                  {count(flow.tokens)} tok
                </text>
              </g>
            );
          })}
        {nodes.map((node) => {
          const point = at.get(node.id);
          return point === undefined ? null : <Card key={node.id} node={node} x={point.x} y={point.y} card={card} />;
        })}
      </svg>
      <ul class="hidden-visually">
        {nodes.map((node) => (
          <li key={node.id}>{words(node, own?.id ?? '')}</li>
        ))}
        {props.flows.map((flow) => (
          <li key={`${flow.from}>${flow.to}`}>
            From {flow.from} to {flow.to}: {count(flow.requests)} requests, {count(flow.tokens)} tokens
          </li>
        ))}
      </ul>
    </div>
  );
}

function Card(props: { node: Node; x: number; y: number; card: { width: number; height: number } }) {
  const { node, card } = props;
  const [left, top] = [props.x - card.width / 2, props.y - card.height / 2];
  const bar = card.width - 24;
  const state = !node.reachable ? 'bad' : node.service !== 'none' && node.service !== 'resume' ? 'warn' : 'good';
  return (
    <g class={`node ${state}`} data-region={node.id} data-state={node.reachable ? 'up' : 'down'}>
      <rect x={left} y={top} width={card.width} height={card.height} rx="8" class="card" />
      <circle cx={left + 16} cy={top + 19} r="4.5" class="dot" />
      <text x={left + 27} y={top + 23} class="name">
        {node.id}
      </text>
      {node.own && (
        <text x={left + card.width - 12} y={top + 23} class="small end">
          here
        </text>
      )}
      {!node.reachable ? (
        <text x={left + 12} y={top + 46} class="small lost">
          unreachable
        </text>
      ) : (
        <>
          <rect x={left + 12} y={top + 36} width={bar} height="5" rx="2.5" class="track" />
          <rect x={left + 12} y={top + 36} width={bar * Math.min(1, node.hitRatio ?? 0)} height="5" rx="2.5" class="fill" />
          <text x={left + 12} y={top + 58} class="ratio">
            {node.hitRatio === undefined ? 'hit ratio –' : `${percent(node.hitRatio)} hit`}
          </text>
          <text x={left + card.width - 12} y={top + 74} class="small end">
            {node.requests === undefined ? '' : `${count(node.requests)} req`}
          </text>
          <text x={left + 12} y={top + 74} class="small">
            {state === 'warn' ? node.service : node.replicas === undefined ? '' : `${node.replicas} healthy`}
          </text>
        </>
      )}
    </g>
  );
}

function words(node: Node, own: string): string {
  if (!node.reachable) {
    return `${node.id} is unreachable from ${own}`;
  }
  const parts = [`${node.id}: hit ratio ${percent(node.hitRatio)}`];
  if (!node.own) {
    parts.push(`round trip ${millis(node.roundTripMs)}`);
  }
  if (node.service !== 'none') {
    parts.push(node.service);
  }
  return parts.join(', ');
}
