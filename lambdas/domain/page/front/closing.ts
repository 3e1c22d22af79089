import type { ReportWording } from '../../core/language/report-wording.ts'
import { boundsFor } from '../../core/place/subject.ts'
import { isGroup, type Subject } from '../../core/place/territory.ts'
import { dayIn, weekOf } from '../../core/time/period.ts'
import type { Facts } from '../../report/facts.ts'
import { plain, type Row } from '../words/phrases.ts'

export const closingOf = (facts: Facts, words: ReportWording): readonly Row[] => {
  const { house } = facts
  const hash = words.say('version.fingerprint', { hash: facts.snapshotSha256.slice(0, 16) })
  const version = words.say('version.text', { version: facts.version, cap: facts.cap, hash })
  const notes = [
    ...(facts.replacesRecalled === undefined
      ? []
      : [words.say('version.replacesRecalled', { version: facts.replacesRecalled })]),
    ...(facts.reconstructed ? [words.say('version.reconstructed')] : []),
  ]
  // The head of a flash note shows a plain version number.
  const isInHead = facts.flash !== undefined && notes.length === 0
  const row = (label: string, text: string): readonly Row[] => (text ? [{ label, paragraphs: [plain(text)] }] : [])
  return [
    // On page 1 of other reports.
    ...row(words.say('contact'), facts.dossier || facts.flash ? (house.contact ?? '') : ''),
    ...(facts.cap === 'TLP:CLEAR'
      ? [
          ...row(words.say('edition.publisher'), publisherOf(house, words)),
          ...row(words.say('annex.reply'), house.rightOfReply?.[words.language] ?? words.say('annex.reply.text')),
        ]
      : []),
    // Other reports have the method in their annexes.
    ...row(words.say('method'), facts.quiet ? words.say('method.text') : ''),
    ...row(words.say('version'), isInHead ? '' : [version, ...notes].join(' ')),
    ...row('', house.closing?.[words.language] ?? ''),
  ]
}

const publisherOf = ({ organisation, contact }: Facts['house'], words: ReportWording): string =>
  [organisation ?? words.say('edition.publisher.none'), ...(contact ? [contact] : [])].join(' · ')

/** The day on which the next weekly report is due, so that readers notice its absence; empty if already past. */
export const nextDue = ({ period, asOf, dossier, flash }: Facts, territory: Subject, words: ReportWording): string => {
  // Dossiers are made on request. A flash note's head names the report that replaces it.
  if (period.cadence !== 'week' || dossier || flash) return ''
  const { to } = boundsFor(period, territory.code)
  // For an unfinished week, its own report comes next.
  const next = Date.parse(asOf) < to ? period : weekOf(dayIn(to, territory.zone))
  const { to: end } = boundsFor({ first: next.last, last: next.last }, territory.code)
  // A group's report comes a day after its last territory's.
  const due = isGroup(territory.code) ? end + 86_400_000 : end
  if (Date.parse(asOf) >= due) return ''
  return words.days(dayIn(due, territory.zone), dayIn(due, territory.zone), { weekday: true })
}
