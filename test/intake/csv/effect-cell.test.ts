/** The cell of an observed effect: an unsure one is refused. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { folded } from '../../../lambdas/domain/core/text/spelling.ts'
import { effectIn } from '../../../lambdas/intake/csv/effect-cell.ts'
import { CellError } from '../../../lambdas/intake/table/cells.ts'
import english from '../../../templates/messages/en.json' with { type: 'json' }
import french from '../../../templates/messages/fr.json' with { type: 'json' }
import roomEnglish from '../../../templates/messages/room.en.json' with { type: 'json' }
import roomFrench from '../../../templates/messages/room.fr.json' with { type: 'json' }

const noneWords = [
  ...[
    'aucun',
    'aucun effet',
    'aucun effet constaté à ce jour',
    'aucun acte',
    'non',
    'sans effet',
    'effet nul',
    'néant',
  ],
  ...['pas d’effet observé', 'non observé', 'absence d’effet', 'faux', 'RAS', 'R.A.S.', 'rien à signaler'],
  ...['none', 'no effect observed', 'none observed', 'no observed effect', 'nothing seen', 'nothing to report'],
]
const notAssessedWords = [
  ...['non évalué', 'effets non évalués', 'pas encore évalué', 'à évaluer', 'en cours d’évaluation'],
  ...['not assessed', 'effect not assessed', 'not yet assessed', 'being assessed'],
]
const notGivenWords = [
  ...['n. c.', 'nc', 'n/a', '-', '–', '...', 'effet inconnu', 'inconnu à ce jour', 'non communiqué', 'not known'],
  ...['unknown effect', 's. o.', 'SO', 'sans objet', 'undefined', 'vide'],
]
const allDegrees = {
  ...({ acte: 'act', act: 'act', médias: 'media', média: 'media', media: 'media' } as const),
  ...({ 'hors ligne': 'media', offline: 'media' } as const),
  ...({ 'en ligne': 'online', online: 'online', 'en ligne seulement': 'online', 'online only': 'online' } as const),
} as const

/** Spellings of a word. */
const written = (word: string) =>
  fc
    .record({
      plain: fc.boolean(),
      case: fc.constantFrom('as is', 'upper', 'first'),
      apostrophe: fc.constantFrom("'", '’', 'ʼ', '´', '`'),
      space: fc.constantFrom(' ', '\u00A0', '\u202F', '  '),
      before: fc.constantFrom('', '« ', '*', '- '),
      after: fc.constantFrom('', '.', ' !', ' »', ' ', '…'),
      unseen: fc.constantFrom('', '\u00AD', '\u200B', '\uFEFF'),
    })
    .map((how) => {
      const letters = how.plain ? word.normalize('NFD').replace(/\p{M}/gu, '') : word
      const cased =
        how.case === 'upper'
          ? letters.toUpperCase()
          : how.case === 'first'
            ? `${letters.charAt(0).toUpperCase()}${letters.slice(1)}`
            : letters
      const spaced = cased.replaceAll('’', how.apostrophe).replaceAll(' ', how.space)
      return `${how.before}${spaced.charAt(0)}${how.unseen}${spaced.slice(1)}${how.after}`
    })

const anyOf = (words: readonly string[]) => fc.constantFrom(...words).chain(written)

const seen = fc.constantFrom(
  'la salle est restée ouverte',
  'The mayor closed the hall',
  'un journal (Le Monde) : à la une',
  'arrêté n° 2024-12',
)

/** A word with a text after it: after a colon, with what spaces it has, or in brackets. */
const withText = (words: readonly string[]) =>
  fc
    .record({ word: fc.constantFrom(...words), text: seen, sign: fc.constantFrom(' : ', ': ', ':', '\u00A0: ', ' (') })
    .map(({ word, text, sign }) => {
      const shown = sign === ' (' ? text.replace(' (Le Monde)', '') : text
      return { word, text: shown, cell: sign === ' (' ? `${word} (${shown})` : `${word}${sign}${shown}` }
    })

const all = <Case>(cases: fc.Arbitrary<Case>, holds: (one: Case) => void) =>
  fc.assert(
    fc.property(cases, (one) => {
      holds(one)
    }),
  )

const read = (cell: string) => {
  try {
    return effectIn(cell)?.effect
  } catch (error) {
    if (error instanceof CellError) return 'refused'
    throw error
  }
}

describe('in any spelling', () => {
  it.each([
    ['none', noneWords, { state: 'none' }],
    ['not assessed', notAssessedWords, { state: 'not assessed' }],
    ['unknown', notGivenWords, undefined],
  ] as const)('reads words for %s', (_, words, effect) => {
    all(anyOf(words), (cell) => expect(read(cell)).toEqual(effect))
  })
  it('reads a degree', () => {
    all(
      fc
        .constantFrom(...Object.entries(allDegrees))
        .chain(([word, degree]) => fc.tuple(written(word), fc.constant(degree))),
      ([cell, degree]) => expect(read(cell)).toEqual({ state: 'observed', degree }),
    )
  })
})

describe('with a text after a colon or in brackets', () => {
  it.each([
    ['none', noneWords],
    ['not assessed', notAssessedWords],
  ] as const)('keeps %s and its text', (state, words) => {
    all(withText(words), ({ cell, text }) => expect(read(cell)).toEqual({ state, text }))
  })
  it('keeps a degree and its text', () => {
    all(withText(Object.keys(allDegrees)), ({ word, cell, text }) =>
      expect(read(cell)).toEqual({ state: 'observed', degree: allDegrees[word as keyof typeof allDegrees], text }),
    )
  })
  it('refuses unknown with a text, which would be lost', () => {
    const words = notGivenWords.filter((word) => /\p{L}/u.test(word))
    all(withText(words), ({ cell }) => expect(read(cell)).toBe('refused'))
  })
})

describe('in other words', () => {
  const negations = [
    ...['aucun', 'sans', 'pas', 'non', 'no', 'none', 'nul', 'rien', 'jamais', 'n’a', 'never', 'didn’t'],
    ...['inconnu', 'unknown', 'peut-être', 'à confirmer'],
  ]
  const words = fc.array(
    fc.constantFrom('le', 'maire', 'salle', 'effet', 'acte', 'observé', 'fermée', 'effect', 'closed', 'hall', 'médias'),
    { maxLength: 6 },
  )
  it('never takes a negation for an observed effect', () => {
    all(
      fc.tuple(words, anyOf(negations), words, fc.constantFrom(' ', ', ', ' – ')),
      ([before, negation, after, sign]) => {
        // After such a word and a sign, what was seen may deny other things.
        fc.pre(sign === ' ' || !['acte', 'observé', 'médias'].includes(before[0] ?? ''))
        const found = read([...before, negation, ...after].join(sign))
        expect(typeof found === 'object' ? found.state : found).not.toBe('observed')
      },
    )
  })
  it('never takes a degree and its denial for an observed effect', () => {
    const denied = [...noneWords, ...notAssessedWords, ...notGivenWords.filter((word) => /\p{L}/u.test(word))]
    all(fc.tuple(fc.constantFrom(...Object.keys(allDegrees), 'observé'), anyOf(denied)), ([word, denial]) =>
      expect(read(`${word} : ${denial}`)).toBe('refused'),
    )
  })
  it.each([
    ...['acte ?', '0', '✗', 'acte (aucun)', 'acte : RAS', 'acte : s. o.', 'acte : n. c., à revoir', 'acte : -'],
    ...['aucun doute : la salle a été fermée', 'Effet observé : aucun', 'acte, aucun', 'oui/non', 'acte / non évalué'],
    ...[
      'aucun : acte',
      'none: online only',
      'acte : -; médias : repris',
      'acte : ✗ salle fermée',
      '✗ acte',
      '[ ] acte',
    ],
    ...['acte : à peine', 'acte : hardly any', 'acte – probable', 'médias (possible reprise)', 'Absence de reprise'],
    ...['négatif', 'hardly any', 'imperceptible', 'failed to spread', 'en cours', 'probable', 'supposé', 'effet'],
    ...['degré non précisé', 'Repris : à la télévision', 'Acte de vandalisme', 'actuellement', 'online.example.org'],
    ...['NC la 1ère a repris la vidéo', 'Taken up by https://example.org/a?b=c'],
  ])('refuses %s', (cell) => expect(read(cell)).toBe('refused'))
  it('quotes a refused cell with the words that it may have', () => {
    expect(() => effectIn('La salle n’a pas fermé')).toThrow(
      'holds "La salle n’a pas fermé", so it is not sure that an effect was observed: give act (acte), media (médias), online (en ligne), observed (observé), none (aucun) or not assessed (non évalué), then a colon and what was seen',
    )
    expect(() => effectIn('a'.repeat(10_000))).toThrow(`holds "${'a'.repeat(60)}…", so`)
  })
})

/** First words of an observed effect, and articles or labels before them. */
const knownFirst = new Set([
  ...['act', 'acts', 'acte', 'actes', 'decision', 'decisions', 'media', 'medias', 'echo', 'hors', 'offline', 'en'],
  ...['online', 'un', 'une', 'a', 'an', 'l', 'effet', 'effets', 'effect', 'effects', 'impact', 'impacts', 'oui', 'yes'],
  ...['true', 'vrai', 'observed', 'observe', 'observes', 'observee', 'observees'],
  ...['constate', 'constates', 'constatee', 'constatees'],
])

describe('an unknown first word', () => {
  const some = fc.constantFrom(
    ...['acte', 'médias', 'en ligne', 'observé', 'effet', 'oui', 'repris', 'salle', 'à peine', 'Vu', 'échec', 'partly'],
    ...[' ', ', ', ' : ', ': ', ' – ', ' - ', '. ', ' / ', ' (', ')', '[', ']', '«', '*', '✗', '≠', '0', 'œ'],
    ...['\u00AD', '\n'],
  )
  const any = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(some, { minLength: 1, maxLength: 8 }).map((parts) => parts.join('')),
    fc.tuple(fc.string({ unit: 'grapheme', minLength: 1 }), some, some).map((parts) => parts.join('')),
  )
  it('never gives an observed effect', () => {
    fc.assert(
      fc.property(any, (cell) => {
        const [first = ''] = folded(cell.replace(/\p{Cf}/gu, '')).split(' ')
        fc.pre(!knownFirst.has(first))
        const found = read(cell)
        expect(typeof found === 'object' ? found.state : found).not.toBe('observed')
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('a word for an observed effect before a description', () => {
  const signs = [' : ', ':', ': ', ' – ', ' — ', '– ', ' - ', '. ', '… ', ', ', ' / ', '/', ' ; ', '\n']
  it('is read before any sign, with the text after it', () => {
    all(
      fc.record({ word: fc.constantFrom(...Object.keys(allDegrees)), sign: fc.constantFrom(...signs), text: seen }),
      ({ word, sign, text }) =>
        expect(read(`${word}${sign}${text}`)).toEqual({
          state: 'observed',
          degree: allDegrees[word as keyof typeof allDegrees],
          text,
        }),
    )
  })
  it.each([
    ['observé : repris à la télévision', { text: 'repris à la télévision' }],
    ['acte (Le Monde) : salle fermée', { degree: 'act', text: '(Le Monde) : salle fermée' }],
    ['acte, médias', { degree: 'act', text: 'acte, médias' }],
    ['en ligne / médias : au JT', { degree: 'media', text: 'en ligne / médias : au JT' }],
    ['oui, en ligne', { degree: 'online' }],
    ['oui (acte)', { degree: 'act' }],
    ['acte ou décision : salle fermée', { degree: 'act', text: 'salle fermée' }],
    ['- acte', { degree: 'act' }],
  ])('reads %s', (cell, effect) => expect(read(cell)).toEqual({ state: 'observed', ...effect }))
  it('takes no time over a cell that repeats a word', () => {
    const cell = 'acte,'.repeat(200_000)
    expect(read(cell)).toMatchObject({ degree: 'act' })
  })
})

describe('an effect that Vigie prints', () => {
  const printed = [english, french, roomEnglish, roomFrench].flatMap((messages) =>
    Object.entries(messages).flatMap(([name, text]) => {
      const [, word] =
        /^(?:dossier\.effect|effect|group\.state\.effect|room\.week\.effect)\.(act|media|online|observed|none|not assessed)$/.exec(
          name,
        ) ?? []
      return word === undefined ? [] : [{ word, text: text.replace(/<\/?b>/g, '') }]
    }),
  )
  const effectOf = (word: string) =>
    word === 'none'
      ? { state: 'none' }
      : word.endsWith('assessed')
        ? { state: 'not assessed' }
        : { state: 'observed', ...(word !== 'observed' && { degree: word }) }

  it('has words in both languages', () => expect(printed).toHaveLength(4 * 2 * 6))
  it.each(printed)('is read as the same: $text', ({ word, text }) => {
    expect(read(text.replace('{source}', ''))).toEqual(effectOf(word))
  })
  it.each(printed.filter(({ text }) => text.includes('{source}')))(
    'is read with its source: $text',
    ({ word, text }) => {
      for (const source of ['selon VIGINUM', 'according to VIGINUM']) {
        const cell = text.replace('{source}', `, ${source}`)
        expect(read(cell)).toEqual({ ...effectOf(word), text: `${source}.` })
      }
    },
  )
})
