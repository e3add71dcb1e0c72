import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

export interface Line {
  label: string;
  /** A name of the palette: `--chart-NAME`. */
  color: 'one' | 'two' | 'three';
  dashed?: boolean;
  values: (number | null)[];
}

/** Lines over time; `times` are in seconds since 1970. Colours follow the theme. */
export function Chart(props: { label: string; times: number[]; lines: Line[]; format: (value: number) => string; top?: number }) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const format = useRef(props.format);
  format.current = props.format;
  const shape = props.lines.map((line) => `${line.label}|${line.color}|${line.dashed === true}`).join(';');

  useEffect(() => {
    const element = box.current;
    if (element === null) {
      return undefined;
    }
    const build = (): void => {
      plot.current?.destroy();
      plot.current = new uPlot(options(element, props.lines, props.top, (v) => format.current(v)), [[]], element);
      plot.current.setData(table(props.times, props.lines));
    };
    build();
    const sized = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }));
    sized.observe(element);
    addEventListener('kvlane-theme', build);
    return () => {
      sized.disconnect();
      removeEventListener('kvlane-theme', build);
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [shape, props.top]);

  useEffect(() => plot.current?.setData(table(props.times, props.lines)), [props.times, props.lines]);

  return (
    <figure class="chart">
      <div ref={box} role="img" aria-label={summary(props)} />
      <figcaption>
        {props.lines.map((line) => (
          <span key={line.label}>
            <i class={`key ${line.color} ${line.dashed === true ? 'dashed' : ''}`} />
            {line.label} <b>{last(line, props.format)}</b>
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

const HEIGHT = 170;

function last(line: Line, format: (value: number) => string): string {
  const value = line.values.findLast((v) => v !== null);
  return value === undefined || value === null ? '–' : format(value);
}

/** For those who cannot see the lines. */
function summary(props: { label: string; lines: Line[]; format: (value: number) => string }): string {
  return `${props.label}. ${props.lines.map((line) => `${line.label}: ${last(line, props.format)} now`).join(', ')}.`;
}

function table(times: number[], lines: Line[]): uPlot.AlignedData {
  return [times, ...lines.map((line) => line.values)];
}

function options(element: HTMLElement, lines: Line[], top: number | undefined, format: (value: number) => string): uPlot.Options {
  const style = getComputedStyle(element);
  const color = (name: string): string => style.getPropertyValue(name).trim();
  const axis: uPlot.Axis = {
    stroke: color('--faint'),
    font: '11px system-ui, sans-serif',
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
  };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { size: 6 } },
    scales: { y: { range: (_, __, max) => [0, top ?? Math.max(max * 1.1, 1e-9)] } },
    axes: [
      { ...axis, size: 26, values: (_, ticks) => ticks.map((at) => new Date(at * 1000).toTimeString().slice(0, 5)), space: 60 },
      { ...axis, values: (_, ticks) => ticks.map(format), size: 56, space: 32 },
    ],
    series: [
      {},
      ...lines.map((line) => ({
        label: line.label,
        stroke: color(`--chart-${line.color}`),
        width: 1.75,
        points: { show: false },
        spanGaps: true,
        ...(line.dashed === true ? { dash: [5, 4] } : {}),
      })),
    ],
  };
}
