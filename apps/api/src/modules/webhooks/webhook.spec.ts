import { describe, expect, it } from '@jest/globals';
import { changedSettings, recordedUrl } from './webhook.js';

const settings = { name: 'n', url: 'https://hooks.test/in?token=first', events: [], enabled: true };

describe('#55 #9 the URL of a webhook in the audit log', () => {
  it('is there without its query, in which a password may stand', () => {
    expect(recordedUrl('https://hooks.test/in?token=s3cret#x')).toBe('https://hooks.test/in?…');
    expect(recordedUrl('https://hooks.test/in?a=1\n&token=s3cret')).toBe('https://hooks.test/in?…');
    expect(recordedUrl('https://hooks.test/in')).toBe('https://hooks.test/in');
  });

  it('is there before and after a change, also of the query alone', () => {
    const url = 'https://hooks.test/in?token=second';
    expect(changedSettings(settings, { ...settings, url })).toEqual({
      url: ['https://hooks.test/in?…', 'https://hooks.test/in?…'],
    });
    expect(changedSettings(settings, settings)).toEqual({});
  });
});
