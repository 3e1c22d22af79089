/** Labels that templates print by their keys, which are checked when templates are read. */
import { describe, expect, test } from 'vitest'
import { labelKeysChecked } from '../../lambdas/templating/label-keys.ts'
import { strictTemplates } from '../../lambdas/templating/strict.ts'

describe('a label', () => {
  const withLabels = (text: string) =>
    strictTemplates(
      { t: (key: string) => `label of ${key}`, twice: (one: string) => one + one },
      {
        check: labelKeysChecked((key) => {
          if (key !== 'known') throw new Error(`no message has the key ${key}`)
        }),
      },
    ).compile('page.hbs', text)

  test('is printed by its key, and escaped', () => {
    expect(withLabels('{{t "known"}} {{twice (t "known")}}')({})).toBe('label of known label of knownlabel of known')
    expect(strictTemplates({ t: () => '<b>' }).compile('page.hbs', '{{t "known"}}')({})).toBe('&lt;b&gt;')
  })

  test.each([
    ['has no message', '\n{{t "unknown"}}', 'page.hbs: line 2, column 0: no message has the key unknown'],
    [
      'has none as a parameter',
      '{{twice (t "unknown")}}',
      'page.hbs: line 1, column 8: no message has the key unknown',
    ],
    ['is a value of the page', '{{t known}}', 'page.hbs: line 1, column 0: t takes a key in quotes'],
    ['is left out', '{{t}}', 'page.hbs: line 1, column 0: t takes a key in quotes'],
  ])('whose key %s is refused when its template is read', (_, text, message) => {
    expect(() => withLabels(text)).toThrow(message)
  })
})
