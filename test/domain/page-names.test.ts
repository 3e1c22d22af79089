/**
 * Names on a page: who it is attributed to, in the reader's language, and marked where the source has another one only.
 */
import { describe, expect, it } from 'vitest'
import type { Segment } from '../../lambdas/domain/core/language/language.ts'
import type { Language } from '../../lambdas/domain/core/language/languages.ts'
import type { DetectionInput, Name } from '../../lambdas/domain/detection/detection.ts'
import { killChain } from '../../lambdas/domain/detection/frameworks/kill-chain.ts'
import { pageOf } from '../../lambdas/domain/page/build-page.ts'
import type { Row } from '../../lambdas/domain/page/words/phrases.ts'
import { detectionAsOf } from '../support/detections.ts'
import { reportOn } from '../support/reports.ts'

const written = (segments: readonly Segment[] = []): string => segments.map(({ text }) => text).join('')

/** The rows of the one card that a detection gives. */
const rowsOf = (said: Partial<DetectionInput>, language: Language): readonly Row[] => {
  const card = pageOf(reportOn([detectionAsOf(said)]), language).manoeuvres?.cards[0]
  return [...(card?.rows ?? []), ...(card?.rowsAfter ?? [])]
}
const actorIn = (said: Partial<DetectionInput>, language: Language) =>
  rowsOf(said, language).find(({ label }) => label === 'Acteur' || label === 'Actor')?.paragraphs[0] ?? []

describe('whose it is', () => {
  const modusOperandi = { name: { en: 'A web infrastructure' }, attributedBy: 'VIGINUM' }

  it('is never said of an intrusion set: the manoeuvre is linked to a modus operandi', () => {
    expect(written(actorIn({ modusOperandi }, 'en'))).toBe(
      'According to VIGINUM, this manoeuvre is linked to the modus operandi “A web infrastructure”. Vigie reports this attribution and makes none.',
    )
    const french = actorIn({ modusOperandi }, 'fr')
    expect(written(french)).toBe(
      'Selon VIGINUM, cette manœuvre est liée au mode opératoire «\u202fA web infrastructure\u202f» (en anglais dans la source). Vigie rapporte cette attribution et n’en formule aucune.',
    )
    expect(french).toContainEqual({ text: '«\u202fA web infrastructure\u202f»', lang: 'en' })
  })

  it('is said of an actor, beside the modus operandi', () => {
    const said = { actor: { name: 'State', attributedBy: 'VIGINUM' }, modusOperandi }
    expect(written(actorIn(said, 'en'))).toMatch(
      /^According to VIGINUM, this manoeuvre is the work of: State\. According to VIGINUM, this manoeuvre is linked to/,
    )
    expect(written(actorIn({}, 'en'))).toBe('No source attributes this manoeuvre.')
  })
})

describe('techniques', () => {
  const techniques = [{ id: 'T0084.001' }, { id: '7.3', name: 'Engaging', framework: killChain }]
  const lines = (said: Partial<DetectionInput>) =>
    rowsOf(said, 'fr')
      .filter(({ label }) => label === 'Techniques')
      .map(({ note, paragraphs }) => [note, written(paragraphs[0])])

  it('of Meta’s kill chain stand under its own heading, never under DISARM', () => {
    expect(lines({ techniques })).toEqual([
      ['DISARM, identifiants relevés', 'T0084.001\u00a0Avoir recours au copypasta'],
      ['Meta Online Operations Kill Chain, identifiants relevés', '7.3\u00a0Engaging'],
    ])
  })

  it('have the framework’s own name in French where there is one; English ones are marked, and said to be once', () => {
    const reported = [
      { id: 'T0084.001', name: 'Use Copypasta' },
      { id: 'T0104.005', name: 'Use Hashtags' },
      { id: 'T0001', name: { en: 'Made up' } },
      { id: 'T0002', name: 'Sans langue' },
    ]
    const [row] = rowsOf({ techniques: reported }, 'fr').filter(({ label }) => label === 'Techniques')
    expect(row?.note).toBe('DISARM, identifiants relevés')
    expect(row?.paragraphs[0]?.filter(({ text }) => text !== ' · ')).toEqual([
      { text: 'T0084.001\u00a0' },
      { text: 'Avoir recours au copypasta' },
      { text: 'T0104.005\u00a0' },
      { text: 'Use Hashtags', lang: 'en' },
      { text: 'T0001\u00a0' },
      { text: 'Made up', lang: 'en' },
      { text: 'T0002\u00a0' },
      { text: 'Sans langue' },
      { text: ' (certains noms en anglais dans la source)' },
    ])
    const [english] = rowsOf({ techniques: reported }, 'en').filter(({ label }) => label === 'Techniques')
    expect(english?.note).toBe('DISARM, ids as reported')
    expect(JSON.stringify(english)).not.toContain('"lang"')
  })
})

describe('an actor', () => {
  const actorOf = (name: Name, language: Language, attributedBy: Name = 'EEAS') =>
    written(actorIn({ actor: { name, attributedBy } }, language).slice(0, -1))

  it.each<[Name, string, string]>([
    ['Azerbaijan', 'Azerbaïdjan', 'Azerbaijan'],
    ['Russie', 'Russie', 'Russia'],
    [
      'Azerbaijan / Baku Initiative Group (BIG)',
      'Azerbaïdjan / Groupe d’initiative de Bakou (BIG)',
      'Azerbaijan / Baku Initiative Group (BIG)',
    ],
    ['Storm-1516', 'Storm-1516', 'Storm-1516'],
    [{ en: 'Azerbaijan' }, 'Azerbaïdjan', 'Azerbaijan'],
    [{ fr: 'Un réseau', en: 'A network' }, 'Un réseau', 'A network'],
    [{ en: 'A network' }, 'A network (en anglais dans la source)', 'A network'],
    [{ fr: 'Un réseau' }, 'Un réseau', 'Un réseau (in French in the source)'],
    [{ ru: 'Сеть' }, 'Сеть (en russe dans la source)', 'Сеть (in Russian in the source)'],
  ])('%j has its name in the reader’s language', (name, french, english) => {
    expect(actorOf(name, 'fr')).toBe(`Selon SEAE, cette manœuvre est le fait de\u00a0: ${french}.`)
    expect(actorOf(name, 'en')).toBe(`According to EEAS, this manoeuvre is the work of: ${english}.`)
  })

  it('has its source named likewise beside an effect', () => {
    const rows = rowsOf({ observedEffect: { state: 'observed', source: 'EEAS' } }, 'fr')
    expect(written(rows.find(({ label }) => label === 'Effet')?.paragraphs[0])).toContain('SEAE')
  })

  it('keeps what stands beside it: an assessment names the same source', () => {
    const said = {
      actor: { name: 'X', attributedBy: { fr: 'Le service', en: 'The service' }, confidence: 'high' as const },
    }
    const card = pageOf(reportOn([detectionAsOf(said)]), 'en').manoeuvres?.cards[0]
    expect(card?.assessment?.fields[0]?.note).toContain('The service')
  })
})

describe('the role of a person whose identity was taken', () => {
  const impersonates = [{ class: 'individual' as const, role: { en: 'minister' } }]
  const said = (language: Language) => JSON.stringify(rowsOf({ impersonates }, language))

  it('is marked where the source has it in another language only', () => {
    expect(said('fr')).toContain('Identités usurpées\u00a0: minister (en anglais dans la source).')
    expect(said('en')).toContain('Impersonates: minister.')
  })
})

describe('an account set', () => {
  const paragraphs = (name: Name, language: Language) =>
    JSON.stringify(
      pageOf(
        reportOn([detectionAsOf({ accountSet: { id: 'big', name, size: 423 }, counts: { coordinatedAccounts: 348 } })]),
        language,
      ),
    )

  it('has its name in the reader’s language', () => {
    const name = { fr: '423 comptes X', en: '423 X accounts' }
    expect(paragraphs(name, 'en')).toContain('“423 X accounts”')
    expect(paragraphs(name, 'en')).not.toContain('423 comptes X')
    expect(paragraphs(name, 'fr')).toContain('«\u202f423 comptes X\u202f»')
    expect(paragraphs({ en: '423 X accounts' }, 'fr')).toContain('(en anglais dans la source)')
    expect(paragraphs('423 comptes X', 'en')).not.toContain('in the source)')
  })
})

describe('what a source says in English alone', () => {
  const only = {
    title: { en: 'Only in English' },
    summary: { en: 'A summary.' },
    narratives: [{ en: 'A narrative' }, { en: 'Another', fr: 'Un autre' }],
    observedEffect: { state: 'observed' as const, text: { en: 'A council postponed.' } },
    impersonates: [{ class: 'organization' as const, name: { en: 'Le Monde' } }],
  }
  const mark = '(en anglais dans la source)'

  it('is marked on a French page, with its language', () => {
    const page = pageOf(reportOn([detectionAsOf(only)]), 'fr')
    expect(page.manoeuvres?.cards[0]?.title).toEqual({ text: 'Only in English', lang: 'en', note: mark })
    const paragraphs = rowsOf(only, 'fr').flatMap((row) => row.paragraphs)
    const marked = (text: string) => {
      const found = paragraphs.find((runs) => runs.some((run) => run.text === text)) ?? []
      return found.slice(found.findIndex((run) => run.text === text)).slice(0, 2)
    }
    for (const text of ['A summary.', 'A narrative', 'A council postponed.'])
      expect(marked(text)).toEqual([{ text, lang: 'en' }, { text: expect.stringContaining(mark) }])
    expect(written(page.essentials.findings[0])).toBe(
      `«\u202fOnly in English\u202f» ${mark} (15\u00a0mai\u00a02024)\u00a0: un effet a été observé, degré non précisé.`,
    )
    expect(page.essentials.findings[0]).toContainEqual({ text: '«\u202fOnly in English\u202f»', lang: 'en' })
  })

  it('is not on an English one, nor is a text that has its French', () => {
    expect(JSON.stringify(pageOf(reportOn([detectionAsOf(only)]), 'en'))).not.toContain('in the source')
    expect(written(rowsOf(only, 'fr').flatMap((row) => row.paragraphs.flat()))).toContain(
      `Récits\u00a0: A narrative ${mark} et Un autre.`,
    )
  })

  it('is no name of an organisation: that is the same in any language', () => {
    expect(written(rowsOf(only, 'fr').flatMap((row) => row.paragraphs.flat()))).toContain(
      'Identités usurpées\u00a0: Le Monde.',
    )
  })

  it('keeps its language where it is in bold', () => {
    const event = { ...only, kind: 'offline-event' as const, observedEffect: undefined, event: { participants: [] } }
    expect(pageOf(reportOn([detectionAsOf(event)]), 'fr').essentials.findings.flat()).toContainEqual({
      text: '«\u202fOnly in English\u202f»',
      lang: 'en',
      strong: true,
    })
  })
})
