import { decodeCursor, toPage, validationFailed, type Page, type PageQuery } from '#lib/http';
import type { Assignment } from './assignment.js';

const PLACE = /^(\d+),(\d+),(aip_\w+)$/;

/**
 * A page of a workspace's assignments, which are in the order of choice. The cursor is a place in that order and not a row, so that
 * an assignment taken away between two pages loses nobody their place. Throws validation_failed on a cursor of another list.
 */
export function pageOfChoice(ordered: Assignment[], { cursor, limit }: PageQuery): Page<Assignment> {
  const after = decodeCursor(cursor);
  const rows = after === undefined ? ordered : ordered.filter(isAfter(after));
  return toPage(rows, limit, placeOf, (row) => row);
}

function placeOf({ priority, weight, aiProviderId }: Assignment): string {
  return `${priority},${weight},${aiProviderId}`;
}

/** By priority, then by weight from above, then by id: the order in which keys are chosen (PRODUCT #31). */
function isAfter(place: string): (row: Assignment) => boolean {
  const found = PLACE.exec(place);
  if (!found) {
    const detail = 'Use nextCursor of the page before, unchanged, or leave it out.';
    throw validationFailed([{ pointer: '/cursor', detail }]);
  }
  const [priority, weight, id = ''] = [Number(found[1]), Number(found[2]), found[3]];
  return (row) => {
    if (row.priority !== priority) return row.priority > priority;
    if (row.weight !== weight) return row.weight < weight;
    return row.aiProviderId > id;
  };
}
