import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maxSentenceChars, phrasebook } from '../../../../lambdas/domain/core/text/phrasebook.ts'

const typography = {
  number: (value: number) => value.toLocaleString('fr-FR'),
  quoted: (text: string) => `«\u202f${text}\u202f»`,
  semicolon: '\u202f; ',
  or: ', ou ',
  colon: '\u00a0: ',
}

const say = phrasebook(
  {
    'is {"0"}: give one of {1}': 'vaut {"0"} : donnez l’un de {1}',
    'is {"0"}: give a letter': 'vaut {"0"} : donnez une lettre',
    'is missing': 'manque',
    'must be a string': 'doit être un texte',
    'must be a list': 'doit être une liste',
    'names {"0"}': 'nomme {"0"}',
    'has {0} under {1}': 'a {~0} sous {~1}',
    '1 cell': '1 cellule',
    '{#0} cells': '{0} {0|cellule|cellules}',
    '{#0} headings': '{0} {0|en-tête|en-têtes}',
    'and {#0} more': 'et {0} de plus',
    '{0} is no file': '{0} n’est pas un fichier',
    'so {0}': 'donc {~0}',
    'from {0} to {1}, {#2} days': '{2} jours, de {0} à {1}',
  },
  typography,
)

describe('a sentence', () => {
  test.each([
    ['is missing', 'manque'],
    ['is "Meduim": give one of low, high', 'vaut «\u202fMeduim\u202f» : donnez l’un de low, high'],
    // The pattern with more words of its own goes first, wherever it stands.
    ['is "1": give a letter', 'vaut «\u202f1\u202f» : donnez une lettre'],
    ['names "a", "b, c"', 'nomme «\u202fa\u202f», «\u202fb, c\u202f»'],
    ['has 1 cell under 12345 headings', 'a 1 cellule sous 12\u202f345 en-têtes'],
    ['has 0 cells under 2 headings', 'a 0 cellule sous 2 en-têtes'],
    ['from 2024-05-13 to 2024-05-19, 1,234.5 days', '1\u202f234,5 jours, de 2024-05-13 à 2024-05-19'],
    // Escapes are what the file says: they stay.
    [String.raw`is "a\"b": give a letter`, String.raw`vaut "a\"b" : donnez une lettre`],
    [String.raw`names "a\nb"`, String.raw`nomme "a\nb"`],
    ['is "« x »": give a letter', 'vaut "« x »" : donnez une lettre'],
  ])('%s', (english, french) => {
    expect(say(english)).toBe(french)
  })

  test('of several faults is said fault by fault, each with its place', () => {
    expect(say('title.fr: is missing; counts.posts: must be a string; and 3 more')).toBe(
      'title.fr\u00a0: manque\u202f; counts.posts\u00a0: doit être un texte\u202f; et 3 de plus',
    )
    expect(say('territories[0] must be a string, or must be a list')).toBe(
      'territories[0] doit être un texte, ou doit être une liste',
    )
  })

  test('that no pattern fits is not said, nor one of which a part is not known', () => {
    expect(say('is nothing that anybody knows')).toBeUndefined()
    expect(say('is missing.')).toBeUndefined()
    // What is to be quoted is nothing else: words of ours before it would stay as they are.
    expect(say('names whatever: "a"')).toBeUndefined()
    expect(say('names "a')).toBeUndefined()
    expect(say('has many cells under 2 headings')).toBeUndefined()
    expect(say('is missing; is nothing that anybody knows')).toBeUndefined()
    expect(say('')).toBeUndefined()
  })

  test('keeps what it quotes, whatever that looks like', () => {
    expect(say('{0} {"0"} {~0} {0|a|b} is no file')).toBe('{0} {"0"} {~0} {0|a|b} n’est pas un fichier')
    expect(say('is "is missing": give a letter')).toBe('vaut «\u202fis missing\u202f» : donnez une lettre')
    expect(say('has 12345678901234567890 cells under 2 headings')).toBe(
      'a 12345678901234567890 cellules sous 2 en-têtes',
    )
  })

  test('in sentences in sentences ends', () => {
    expect(say('so so so is missing')).toBe('donc donc donc manque')
    expect(say(`${'so '.repeat(50)}is missing`)).toBeUndefined()
  })
})

test('never throws, and takes a time that grows with the text alone', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      expect(say(text) === undefined || typeof say(text) === 'string').toBe(true)
    }),
  )
  const hostile = [
    'is : give one of ',
    'has  under ',
    '; is missing',
    ', or must be a string',
    'so ',
    '1,111',
    ' is no file',
    '"',
    'a: ',
  ]
  for (const part of hostile) {
    for (const start of ['', 'is ', 'has ']) {
      const text = (start + part.repeat(100_000)).slice(0, maxSentenceChars)
      const before = process.cpuUsage()
      say(text)
      expect(process.cpuUsage(before).user / 1000).toBeLessThan(500)
      expect(say(part.repeat(100_000))).toBeUndefined()
    }
  }
})
