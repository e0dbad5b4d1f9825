'use client';

import { useState, type ComponentType, type ReactNode } from 'react';

interface LazyMenuProps {
  /** The menu's code, loaded when the button is first used. */
  load: () => Promise<ComponentType<{ button: ReactNode }>>;
  className: string | undefined;
  children: ReactNode;
}

/** A button whose menu is fetched when it is wanted: the frame of every page stays light. */
export function LazyMenu({ load, className, children }: LazyMenuProps) {
  const [Loaded, setLoaded] = useState<{ View: ComponentType<{ button: ReactNode }> } | null>(null);
  const open = () => void load().then((View) => setLoaded({ View }));
  if (Loaded) {
    return (
      <Loaded.View
        button={
          <button type="button" className={className}>
            {children}
          </button>
        }
      />
    );
  }
  return (
    <button
      type="button"
      className={className}
      aria-haspopup="menu"
      aria-expanded={false}
      onPointerEnter={() => void load()}
      onClick={open}
    >
      {children}
    </button>
  );
}
