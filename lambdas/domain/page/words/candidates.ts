import type { WaitingCandidate } from '../../coordination/candidate.ts'
import type { ReportWording } from '../../core/language/report-wording.ts'
import type { Territory } from '../../core/place/territory.ts'

export const candidateHead = (words: ReportWording) => ({
  method: words.say('method'),
  when: words.say('list.when'),
  posts: words.say('measure.posts'),
  accounts: words.say('list.accounts'),
  strength: words.say('candidates.strength'),
  marking: words.say('list.marking'),
})

export const candidateRow = (
  { id, kind, observed, posts, accounts, strength, marking }: WaitingCandidate,
  { zone }: Pick<Territory, 'zone'>,
  words: ReportWording,
) => ({
  id,
  method: words.say(kind === 'copy-paste' ? 'candidates.method.copies' : 'candidates.method.shares'),
  when: words.observed(observed, zone),
  posts: words.total(posts),
  accounts: words.total(accounts),
  strength: strength
    ? words.say('candidates.strength.text', { ...strength, isSourceKnown: String(strength.isSourceKnown) })
    : '–',
  marking,
})
