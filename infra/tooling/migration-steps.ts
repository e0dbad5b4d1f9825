/** A step that processes of the release before can't live with: what it is, why, and how to come there in two releases. */
export interface Step {
  what: string;
  why: string;
  instead: string;
}

const LATER = 'in the release after that, in a file with its marker';

/** Takes away what processes of the release before use. */
export const gone = (what: string): Step => ({
  what,
  why: 'processes of the release before still use it',
  instead: `use it no more in this release, and take it away ${LATER}`,
});

/** Refuses what processes of the release before write. */
export const stricter = (what: string): Step => ({
  what,
  why: 'processes of the release before write what it would refuse',
  instead: `write what it asks for in this release, and ask for it ${LATER}`,
});

/** Changes rows that processes of the release before read. */
export const changesRows = (what: string): Step => ({
  what,
  why: 'processes of the release before go by these rows as they are',
  instead: `fill new columns in this release, and change or remove what is old ${LATER}`,
});

/** Changes what something means that stays under its name. */
export const changes = (what: string): Step => ({
  what,
  why: 'processes of the release before go by what it was',
  instead: `make a new one beside it in this release, and take the old one away ${LATER}`,
});

/** What can't be judged from the text. */
export const unknown = (what: string): Step => ({
  what,
  why: 'it is not on the list of what processes of the release before are known to live with',
  instead:
    'write it as statements of that list, or put it on the list with the reason why it takes nothing away',
});
