import { reasonText } from '../../../lambdas/domain/core/fault-text.ts'
import { shortMarking } from '../../../lambdas/domain/core/marking.ts'
import { textIn } from '../../../lambdas/domain/core/text/localised.ts'
import { plural } from '../../../lambdas/domain/core/text/plural.ts'
import type { Candidate } from '../../../lambdas/store/intake/candidates.ts'
import type { ListedCandidate } from '../answers.ts'
import { cut, sinceIn } from './detection-lines.ts'
import { formatFigure } from './figures.ts'

const maxAccounts = 20

export const candidateOutput = ({ detection, lines: _, shared: __, ...candidate }: Candidate): ListedCandidate => ({
  ...candidate,
  title: textIn(detection.title, 'en').text,
  kind: detection.kind,
  detector: detection.detector.name,
  observed: detection.observed,
  territories: detection.territories.map(({ code }) => code),
  marking: detection.marking,
  posts: detection.counts.posts?.value ?? null,
  accounts: detection.counts.accounts?.value ?? null,
})

export const candidateLines = (candidates: readonly Candidate[]): readonly string[] =>
  candidates.length === 0
    ? ['none']
    : [
        row('id', 'since', 'marking', 'posts', 'accounts', 'place'),
        ...candidates.flatMap(({ id, detection, ...rest }) => {
          const { observed, marking, counts, territories } = detection
          const [first, ...more] = territories.map(({ code }) => code)
          return [
            row(
              id,
              sinceIn(observed, first),
              shortMarking(marking),
              figure(counts.posts?.value),
              figure(counts.accounts?.value),
              more.length === 0 ? (first ?? '–') : `${first} +${more.length}`,
            ),
            cut(`  ${[candidateStatus(rest), textIn(detection.title, 'en').text].filter(Boolean).join(': ')}`),
          ]
        }),
      ]

const row = (id: string, since: string, marking: string, posts: string, accounts: string, place: string): string =>
  [id.padEnd(26), since.padEnd(10), marking.padEnd(12), posts.padStart(9), accounts.padStart(9), place]
    .join(' ')
    .trimEnd()

const figure = (value: number | undefined): string => (value === undefined ? '–' : value.toLocaleString('en'))

const candidateStatus = ({
  state,
  signedRevision,
  lost,
}: Pick<Candidate, 'state' | 'signedRevision' | 'lost'>): string => {
  if (lost) return 'signed, and found no longer'
  if (state === 'open') return signedRevision === undefined ? '' : 'signed, and has grown since'
  return state === 'refused' && signedRevision !== undefined ? 'signed; its growth was refused' : state
}

export const candidateStory = (candidate: Candidate): readonly string[] => {
  const { id, detection, strength, shared = [], reason, decidedBy } = candidate
  const { observed, counts, summary, detector, accountRefs = [] } = detection
  const status = [candidateStatus(candidate) || 'waits for a decision', ...(decidedBy ? [`by ${decidedBy}`] : [])].join(
    ', ',
  )
  return [
    ...candidateLines([candidate]),
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
    `vigie candidates show ${id} --json shows all of it`,
  ]
}
