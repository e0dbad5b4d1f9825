/** The mark: a key whose bow is a ring with a C. Decorative; the name stands beside it. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 32 32"
      fill="none"
      stroke="var(--cv-accent)"
      strokeWidth="2.2"
      strokeLinecap="round"
      aria-hidden="true"
    >
      <circle cx="11.5" cy="16" r="9" />
      <path d="M14.6 13.4a4 4 0 1 0 0 5.2" />
      <path d="M20.5 16H30M25 16v4.5M29.2 16v3.5" />
    </svg>
  );
}
