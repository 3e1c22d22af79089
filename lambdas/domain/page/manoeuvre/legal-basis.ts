/**
 * The French texts that define a foreign digital interference by four criteria, each with the days on which it is in
 * force.
 */

import type { ReportWording } from '../../core/language/report-wording.ts'
import type { Organisation } from '../../report/organisation.ts'

type LegalText = {
  readonly number: string
  /** The day on which it was signed. */
  readonly signed: string
  /** The first and the last day on which it is in force. */
  readonly from: string
  readonly until?: string
}

/** In their order. A decree that sets no day is in force from the day after it was published (14 July 2021). */
export const legalTexts: readonly LegalText[] = [
  { number: '2021-922', signed: '2021-07-13', from: '2021-07-15', until: '2026-02-12' },
  { number: '2026-70', signed: '2026-02-11', from: '2026-02-13' },
]

/** The text in force on a day `YYYY-MM-DD`. */
export const legalTextOn = (day: string): LegalText | undefined =>
  legalTexts.find(({ from, until }) => from <= day && (until === undefined || day <= until))

/**
 * What a report with its last day cites, as a sentence; empty where the organisation wants none, or no text was in
 * force.
 */
export const legalReference = (
  { house, period }: { readonly house: Organisation; readonly period: { readonly last: string } },
  words: ReportWording,
): string => {
  const { legalBasis } = house
  if (legalBasis === 'none') return ''
  if (legalBasis) return `${legalBasis[words.language].replace(/\.$/, '')}.`
  const text = legalTextOn(period.last)
  return text ? words.say('criteria.decree', { number: text.number, date: words.days(text.signed, text.signed) }) : ''
}
