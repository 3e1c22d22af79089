/** Names on a page: who it is attributed to, in the reader's language, and marked where the source has another one only. */
import { describe, expect, it } from 'vitest'
import type { DetectionInput } from '../../lambdas/domain/detection.ts'
import { killChain } from '../../lambdas/domain/kill-chain.ts'
import type { Language, Segment } from '../../lambdas/domain/language.ts'
import { pageOf } from '../../lambdas/domain/page.ts'
import type { Row } from '../../lambdas/domain/page-phrases.ts'
import { sighting } from '../support/detections.ts'
import { reportOn } from '../support/reports.ts'

const written = (segments: readonly Segment[] = []): string => segments.map(({ text }) => text).join('')

/** The rows of the one card that a detection gives. */
const rowsOf = (said: Partial<DetectionInput>, language: Language): readonly Row[] => {
  const card = pageOf(reportOn([sighting(said)]), language).manoeuvres?.cards[0]
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
      ['DISARM, identifiants relevés', 'T0084.001'],
      ['Meta Online Operations Kill Chain, identifiants relevés', '7.3\u00a0Engaging'],
    ])
  })
})
