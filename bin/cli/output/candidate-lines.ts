import { reasonText } from '../../../lambdas/domain/core/fault-text.ts'
import { shortMarking } from '../../../lambdas/domain/core/marking.ts'
import { textIn } from '../../../lambdas/domain/core/text/localised.ts'
import { plural } from '../../../lambdas/domain/core/text/plural.ts'
import type { Candidate } from '../../../lambdas/store/intake/candidates.ts'
import { formatFigure } from './figures.ts'

const maxAccounts = 20

const statusOf = ({ state, signedRevision, lost }: Candidate): string => {
  if (lost) return 'signed, and found no longer'
  if (state === 'open') return signedRevision === undefined ? 'waits for a decision' : 'signed, and has grown since'
  return state === 'refused' && signedRevision !== undefined ? 'signed; its growth was refused' : state
}

export const candidateStory = (candidate: Candidate): readonly string[] => {
  const { id, detection, strength, shared = [], reason, decidedBy } = candidate
  const { observed, counts, summary, detector, territories, marking, accountRefs = [] } = detection
  const status = [statusOf(candidate), ...(decidedBy ? [`by ${decidedBy}`] : [])].join(', ')
  return [
    textIn(detection.title, 'en').text,
    `${shortMarking(marking)}, ${territories.map(({ code }) => code).join(', ') || 'no territory'}`,
    `${detection.kind}, ${observed.from} to ${observed.to}; ${status}${reason === undefined ? '' : `: ${reasonText(reason)}`}`,
    [
      ...(counts.posts ? [formatFigure(counts.posts, 'post')] : []),
      ...(counts.accounts ? [formatFigure(counts.accounts, 'account')] : []),
    ].join(', ') || 'no figures',
    ...(strength
      ? [
          `evidence ${strength.evidence} against a threshold of ${strength.threshold}, for ${plural(strength.pushes, 'thing')} pushed together${strength.isSourceKnown ? '' : '; source unknown: may be one newsroom, feed or fan club'}`,
        ]
      : []),
    ...[summary, detector.knownError].flatMap((text) => (text ? [textIn(text, 'en').text] : [])),
    `accounts, as pseudonyms${accountRefs.length > maxAccounts ? `, the first ${maxAccounts} of ${accountRefs.length}` : ''}:`,
    ...accountRefs.slice(0, maxAccounts).map((account) => `  ${account}`),
    ...(shared.length > 0 ? ['shared together, with how many of the accounts did:'] : []),
    ...shared.map(({ name, accounts }) => `  ${String(accounts).padStart(5)}  ${name}`),
    `vigie inbox show candidate:${id} --json shows all of it`,
  ]
}
