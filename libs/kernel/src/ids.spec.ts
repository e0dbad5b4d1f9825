import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fromUuid, ID_PREFIXES, isId, newId, newUuid, timeOfId, toUuid } from './ids.js';

describe('identifiers', () => {
  it('are UUIDs of version 7 that carry the time and sort by it', () => {
    const at = Date.UTC(2026, 10, 21);
    const uuid = newUuid(at);
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(uuid.replaceAll('-', '').slice(0, 12), 16)).toBe(at);
    expect(timeOfId(fromUuid('out', uuid))).toBe(at);
    expect(fromUuid('aip', newUuid(at)) < fromUuid('aip', newUuid(at + 1))).toBe(true);
  });

  it('sort in the order they were made in, within a millisecond and when the clock goes back', () => {
    const at = Date.now() + 60_000;
    const made = Array.from({ length: 10_000 }, (_, n) => newUuid(n === 5_000 ? at - 1_000 : at));
    expect([...made].sort()).toEqual(made);
  });

  it('do not repeat', () => {
    const at = Date.now();
    expect(new Set(Array.from({ length: 10_000 }, () => newUuid(at))).size).toBe(10_000);
  });

  it('follow TypeID: the examples of its specification', () => {
    // https://github.com/jetify-com/typeid/blob/main/spec/valid.yml
    expect(fromUuid('org', '00000000-0000-0000-0000-000000000000')).toBe('org_00000000000000000000000000');
    expect(fromUuid('org', '00000000-0000-0000-0000-000000000020')).toBe('org_00000000000000000000000010');
    expect(fromUuid('org', 'ffffffff-ffff-ffff-ffff-ffffffffffff')).toBe('org_7zzzzzzzzzzzzzzzzzzzzzzzzz');
    expect(fromUuid('org', '01890a5d-ac96-774b-bcce-b302099a8057')).toBe('org_01h455vb4pex5vsknk084sn02q');
  });

  it('come back as the UUID they were made from', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.constantFrom(...ID_PREFIXES), (uuid, prefix) => {
        const id = fromUuid(prefix, uuid);
        expect(isId(prefix, id)).toBe(true);
        expect(toUuid(id)).toBe(uuid);
      }),
    );
  });

  it.each([
    ['another prefix', 'sec_01h455vb4pex5vsknk084sn02q'],
    ['no prefix', '01h455vb4pex5vsknk084sn02q'],
    ['a bare UUID', '01890a5d-ac96-774b-bcce-b302099a8057'],
    ['more than 128 bits', 'aip_8zzzzzzzzzzzzzzzzzzzzzzzzz'],
    ['a letter outside the alphabet', 'aip_01h455vb4pex5vsknk084sn02u'],
    ['capitals', 'aip_01H455VB4PEX5VSKNK084SN02Q'],
    ['one character less', 'aip_01h455vb4pex5vsknk084sn02'],
    ['one character more', 'aip_01h455vb4pex5vsknk084sn02qq'],
    ['a line break behind it', 'aip_01h455vb4pex5vsknk084sn02q\n'],
    ['SQL', "aip_01h455vb4pex5vsknk084sn02q' or 1=1"],
    ['a number', 7],
    ['an array of a good one', ['aip_01h455vb4pex5vsknk084sn02q']],
    ['nothing', undefined],
  ])('#7 do not take %s for an identifier', (_name, value) => {
    expect(isId('aip', value)).toBe(false);
  });

  it('say that a malformed identifier is none instead of guessing a UUID', () => {
    expect(() => toUuid('aip_nope')).toThrow(RangeError);
    expect(toUuid(newId('ses'))).toMatch(/^[0-9a-f-]{36}$/);
  });
});
