const HEIGHT = 22;
const WIDTH = 96;

/** A group's days as a small picture, on a scale of its own; the figures beside it say how much. */
export function DayBars({ daily, colour }: { daily: number[]; colour: string }) {
  const most = Math.max(...daily, 1);
  const step = WIDTH / Math.max(1, daily.length);
  return (
    <svg width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <rect x={0} y={HEIGHT - 1} width={WIDTH} height={1} fill="var(--cv-hairline)" />
      {daily.map((value, index) => (
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
