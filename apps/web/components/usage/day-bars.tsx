const HEIGHT = 22;
const WIDTH = 96;

/** A group's days or minutes as a small picture, on a scale of its own; the figures beside it say how much. */
export function DayBars({ series, colour }: { series: number[]; colour: string }) {
  const most = Math.max(...series, 1);
  const step = WIDTH / Math.max(1, series.length);
  return (
    <svg width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <rect x={0} y={HEIGHT - 1} width={WIDTH} height={1} fill="var(--cv-hairline)" />
      {series.map((value, index) => (
        <rect
          key={index}
          x={index * step}
          y={HEIGHT - (value / most) * HEIGHT}
          width={Math.max(1, step - 1)}
          height={(value / most) * HEIGHT}
          fill={colour}
        />
      ))}
    </svg>
  );
}
