/** Who gets a revision first. */
export interface Stage {
  on: boolean;
  rollout: { percent: number; holdSeconds: number; promote: 'AUTO' | 'MANUAL'; slo?: Slo };
}

/** What must hold of those who get it; else they get back what was before. */
interface Slo {
  maxErrorRate?: number;
  maxTtftP95Ms?: number;
  minHitRatio?: number;
}

const BOUNDS: readonly [keyof Slo, string, number][] = [
  ['maxErrorRate', 'Errors at most, percent', 100],
  ['maxTtftP95Ms', 'TTFT p95 at most, ms', 1],
  ['minHitRatio', 'Hit ratio at least, percent', 100],
];

export const NO_STAGE: Stage = { on: false, rollout: { percent: 10, holdSeconds: 300, promote: 'AUTO' } };

export function Staging(props: { stage: Stage; onChange: (stage: Stage) => void }) {
  const { stage } = props;
  const set = (change: Partial<Stage['rollout']>): void => props.onChange({ ...stage, rollout: { ...stage.rollout, ...change } });
  const bound = (name: keyof Slo, text: string, scale: number): void => {
    const { [name]: _, ...slo } = stage.rollout.slo ?? {};
    const value = Number(text) / scale;
    const next: Slo = text.trim() === '' || !Number.isFinite(value) ? slo : { ...slo, [name]: value };
    const { slo: __, ...rollout } = stage.rollout;
    props.onChange({ ...stage, rollout: Object.keys(next).length === 0 ? rollout : { ...rollout, slo: next } });
  };
  return (
    <fieldset class="staging">
      <label class="check">
        <input type="checkbox" checked={stage.on} onChange={(e) => props.onChange({ ...stage, on: e.currentTarget.checked })} />
        Roll out in stages
      </label>
      {stage.on && (
        <div class="form">
          <label class="field">
            Percent of requests
            <input type="number" min={1} max={99} value={stage.rollout.percent} onChange={(e) => set({ percent: Number(e.currentTarget.value) })} />
          </label>
          <label class="field">
            Hold, seconds
            <input type="number" min={0} max={604800} value={stage.rollout.holdSeconds} onChange={(e) => set({ holdSeconds: Number(e.currentTarget.value) })} />
          </label>
          {BOUNDS.map(([name, label, scale]) => (
            <label key={name} class="field">
              {label}
              <input type="text" inputMode="decimal" placeholder="no bound" onChange={(e) => bound(name, e.currentTarget.value, scale)} />
            </label>
          ))}
          <label class="field">
            Then
            <select value={stage.rollout.promote} onChange={(e) => set({ promote: e.currentTarget.value === 'MANUAL' ? 'MANUAL' : 'AUTO' })}>
              <option value="AUTO">promote by itself</option>
              <option value="MANUAL">wait for me</option>
            </select>
          </label>
        </div>
      )}
    </fieldset>
  );
}
