/** How the cell of an observed effect is read: what is not surely observed is never read so. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { effectIn } from '../../../lambdas/intake/csv/effect-cell.ts'
import { CellError } from '../../../lambdas/intake/table/cells.ts'

const noneWords = [
  ...['aucun', 'aucune', 'aucun effet', 'aucun effet observé', 'aucun effet constaté à ce jour', 'aucun acte', 'non'],
  ...['sans effet', 'sans effet observé', 'pas d’effet', 'pas d’effet observé', 'effet nul', 'néant', 'faux'],
  ...['none', 'no', 'no effect', 'no effect observed', 'none observed', 'no observed effect', 'no act', 'nothing seen'],
]
const notAssessedWords = [
  ...['non évalué', 'effet non évalué', 'effets non évalués', 'pas encore évalué', 'non évaluée', 'à évaluer'],
  ...['not assessed', 'effect not assessed', 'not yet assessed', 'being assessed', 'en cours d’évaluation'],
]
const notGivenWords = [
  ...['n. c.', 'nc', 'N.C.', 'n/a', 'n. a.', '-', '–', '...', 'inconnu', 'inconnue', 'effet inconnu', 'unknown'],
  ...['inconnu à ce jour', 'non communiqué', 'non renseigné', 'not given', 'not known', 'n/c', 'unknown effect'],
]
const degreeWords = { acte: 'act', act: 'act', médias: 'media', média: 'media', media: 'media' } as const
const allDegrees = { ...degreeWords, 'en ligne': 'online', online: 'online' } as const

/** The same words as other people write them. */
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
      const told = sign === ' (' ? text.replace(' (Le Monde)', '') : text
      return { word, told, cell: sign === ' (' ? `${word} (${told})` : `${word}${sign}${told}` }
    })

const all = <Case>(cases: fc.Arbitrary<Case>, holds: (one: Case) => void) =>
  fc.assert(
    fc.property(cases, (one) => {
      holds(one)
    }),
  )

const read = (cell: string) => {
  try {
    return effectIn(cell)
  } catch (error) {
    if (error instanceof CellError) return 'refused'
    throw error
  }
}

describe('however it is written', () => {
  it('takes words for none as none', () => {
    all(anyOf(noneWords), (cell) => expect(read(cell)).toEqual({ state: 'none' }))
  })
  it('takes words for not assessed as such', () => {
    all(anyOf(notAssessedWords), (cell) => expect(read(cell)).toEqual({ state: 'not assessed' }))
  })
  it('takes words for unknown as nothing said', () => {
    all(anyOf(notGivenWords), (cell) => expect(read(cell)).toBeUndefined())
  })
  it('takes a degree as a degree', () => {
    all(
      fc
        .constantFrom(...Object.entries(allDegrees))
        .chain(([word, degree]) => fc.tuple(written(word), fc.constant(degree))),
      ([cell, degree]) => expect(read(cell)).toEqual({ state: 'observed', degree }),
    )
  })
})

describe('with a text after a colon or in brackets', () => {
  it('keeps none and its text', () => {
    all(withText(noneWords), ({ cell, told }) => expect(read(cell)).toEqual({ state: 'none', text: told }))
  })
  it('keeps not assessed and its text', () => {
    all(withText(notAssessedWords), ({ cell, told }) =>
      expect(read(cell)).toEqual({ state: 'not assessed', text: told }),
    )
  })
  it('keeps a degree and its text', () => {
    all(withText(Object.keys(allDegrees)), ({ word, cell, told }) =>
      expect(read(cell)).toEqual({
        state: 'observed',
        degree: allDegrees[word as keyof typeof allDegrees],
        text: told,
      }),
    )
  })
  it('refuses unknown with a text, which would be lost', () => {
    const words = notGivenWords.filter((word) => /\p{L}/u.test(word))
    all(withText(words), ({ cell }) => expect(read(cell)).toBe('refused'))
  })
})

describe('in other words', () => {
  const negations = [
    ...[
      'aucun',
      'aucune',
      'sans',
      'pas',
      'non',
      'no',
      'not',
      'none',
      'nul',
      'rien',
      'jamais',
      'n’a',
      'never',
      'didn’t',
    ],
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
    'acte ?',
    'Repris ?',
    '0',
    '✗',
    'aucun doute : la salle a été fermée',
    'Effet observé : aucun',
    'acte (aucun)',
  ])('refuses %s', (cell) => expect(read(cell)).toBe('refused'))
  it.each([
    'Repris : à la télévision',
    'Acte de vandalisme',
    'Arrêté n° 2024-12 du haut-commissaire',
    'Nord : mairie fermée',
    'NC la 1ère a repris la vidéo',
    'Taken up by https://example.org/a?b=c',
  ])('takes %s as what was observed', (cell) => expect(read(cell)).toEqual({ state: 'observed', text: cell }))
  it('says which word is unsure, and which are taken', () => {
    expect(() => effectIn('La salle n’a pas fermé')).toThrow(
      'holds "pas", so it is not sure that an effect was observed: give act (acte), media (médias), online (en ligne), observed (observé), none (aucun) or not assessed (non évalué), then a colon and what was seen',
    )
  })
})
