import type { TiedPair } from '../../../domain/coordination/candidate.ts'
import type { Segment } from '../../../domain/core/language/language.ts'
import { maximum } from '../../../domain/core/lists.ts'
import { fitsUnder, markings } from '../../../domain/core/marking.ts'
import { territoryOf } from '../../../domain/core/place/territory.ts'
import { harmless } from '../../../domain/core/text/harmless.ts'
import { placesExplained } from '../../../domain/looking/explanation.ts'
import { candidateHead, candidateRow } from '../../../domain/page/words/candidates.ts'
import { titleOf } from '../../../domain/page/words/phrases.ts'
import { type Candidate, type countDecided, isWaiting, stampOf } from '../../../usecases/detect/decide-candidates.ts'
import type { RoomWording } from '../../shared/wording.ts'
import { periodsText } from '../detections/edit.ts'
import { actionForm, type WhoAndWhy, whoAndWhy } from '../frame/action-form.ts'
import { reasonIn } from '../frame/fault-text.ts'
import { homeAmong } from '../frame/names.ts'
import { chipOf, timeIn, type Visit } from '../frame/pages.ts'
import { detectionHref } from '../frame/paths.ts'

export const candidatePath = ({ id }: Pick<Candidate, 'id'>): string => `/room/candidates/${encodeURIComponent(id)}`

const maxShown = 20
const longestText = 2_000

const [centre, radius] = [180, 160]
const mostDrawn = 40

/** Accounts on a circle, the most tied first; null without ties. */
const netOf = (ties: readonly TiedPair[]) => {
  if (ties.length === 0) return null
  const weights = new Map<string, number>()
  for (const [one, other, things] of ties) {
    for (const account of [one, other]) weights.set(account, (weights.get(account) ?? 0) + things)
  }
  const drawn = [...weights].sort(([a, weight], [b, other]) => other - weight || (a < b ? -1 : 1)).slice(0, mostDrawn)
  const places = new Map(
    drawn.map(([account], at) => {
      const angle = (2 * Math.PI * at) / drawn.length
      const along = (part: number): string => (centre + radius * part).toFixed(1)
      return [account, { x: along(Math.sin(angle)), y: along(-Math.cos(angle)) }]
    }),
  )
  const heaviest = maximum(ties.map(([, , things]) => things))
  const lines = ties.flatMap(([one, other, things]) => {
    const [from, to] = [places.get(one), places.get(other)]
    return from && to ? [{ from, to, width: ((1.5 * things) / heaviest).toFixed(2) }] : []
  })
  return { size: 2 * centre, accounts: [...places.values()], lines }
}

/** @param fault the reason for which nothing was done */
export const candidateValue = (
  visit: Visit,
  candidate: Candidate,
  input: WhoAndWhy,
  before: Awaited<ReturnType<typeof countDecided>>,
  fault: readonly Segment[] = [],
) => {
  const { words, href } = visit
  const { id, detection, revision, signedRevision, shared = [] } = candidate
  const { accountRefs = [], summary, detector } = detection
  const isSigned = signedRevision !== undefined
  return {
    name: titleOf(detection.title, words.language),
    id: harmless(id),
    chip: chipOf(detection.marking),
    state: stateText(candidate, words),
    back: { href: href('/room/inbox'), label: words.say('room.inbox.back') },
    detection: isSigned ? { href: detectionHref(visit, id), label: words.say('room.candidate.detection') } : null,
    known: {
      bounds: [
        ...boundsOf(candidate, words),
        { label: words.say('room.detection.revision'), text: words.number(revision) },
      ],
      texts: [summary, detector.knownError].flatMap((text) =>
        text ? [titleOf(text, words.language, longestText)] : [],
      ),
    },
    accounts: {
      title: words.say('room.candidate.accounts', { count: accountRefs.length }),
      note: words.say('room.candidate.accounts.note', {
        shown: Math.min(maxShown, accountRefs.length),
        all: accountRefs.length,
      }),
      items: accountRefs.slice(0, maxShown).map(harmless),
    },
    shared: shared.slice(0, maxShown).map(({ name, accounts }) => ({
      name: harmless(name),
      accounts: words.say('room.candidate.shared.by', { count: accounts }),
    })),
    net: netOf(candidate.ties ?? []),
    before: words.say('room.candidate.before.all', before),
    fault,
    decide: isWaiting(candidate) ? decideValue(visit, candidate, input) : null,
    decided: isWaiting(candidate) ? '' : decidedText(visit, candidate),
  }
}

const boundsOf = (candidate: Candidate, words: RoomWording) => {
  const { id, detection, strength } = candidate
  const { kind, observed, marking, counts, territories } = detection
  const given = { value: null, qualifier: 'not given' } as const
  const head = candidateHead(words)
  const row = candidateRow(
    {
      id,
      revision: candidate.revision,
      kind,
      observed,
      marking,
      posts: counts.posts ?? given,
      accounts: counts.accounts ?? given,
      ...(strength && { strength }),
    },
    homeAmong(detection),
    words,
  )
  const places = territories.map(({ code }) => territoryOf(code).name[words.language])
  return [
    { label: head.method, text: row.method },
    {
      label: words.say('room.field.territory'),
      text: places.length === 0 ? words.say('room.detections.unplaced') : words.list(places),
    },
    { label: head.when, text: row.when },
    { label: head.posts, text: row.posts },
    { label: head.accounts, text: row.accounts },
    { label: head.strength, text: row.strength },
  ]
}

const stateText = (candidate: Candidate, words: RoomWording): string => {
  const { state, lost, signedRevision } = candidate
  if (lost) return words.say('room.candidate.state.lost')
  if (state === 'refused' && signedRevision !== undefined) return words.say('room.candidate.state.signed')
  if (state !== 'open') return words.say(`room.candidate.state.${state}`)
  return words.say(signedRevision === undefined ? 'room.candidate.state.open' : 'room.candidate.state.grown')
}

const decidedText = ({ words, clock }: Visit, candidate: Candidate): string => {
  const { decidedBy, decidedAt, reason } = candidate
  const by =
    decidedBy === undefined || decidedAt === undefined
      ? ''
      : words.say('room.candidate.decided', {
          by: harmless(decidedBy),
          at: timeIn(Date.parse(decidedAt), clock, words),
          state: words.say(`room.candidate.state.${candidate.state}`),
        })
  return [by, reason === undefined ? '' : words.say('room.detection.reason', { reason: reasonIn(words, reason).text })]
    .filter(Boolean)
    .join(' ')
}

const decideValue = (visit: Visit, candidate: Candidate, input: WhoAndWhy) => {
  const { words, href } = visit
  const { detection, lost, signedRevision } = candidate
  const [isLost, hasGrown] = [lost !== undefined, !lost && signedRevision !== undefined]
  const counts = periodsText(placesExplained(detection), words)
  const editions = words.list(markings.filter((cap) => fitsUnder(detection.marking, cap)))
  const nowhere = words.say('room.candidate.nowhere')
  return {
    rows: isLost
      ? []
      : [
          {
            label: words.say('room.mend.counts'),
            before: hasGrown ? words.say('room.candidate.before') : nowhere,
            after: counts,
          },
          {
            label: words.say('room.lower.editions'),
            before: hasGrown ? words.say('room.candidate.before') : nowhere,
            after: editions,
          },
        ],
    sign: words.say(isLost ? 'room.candidate.sign.lost' : 'room.candidate.sign.text'),
    refuse: words.say(
      isLost ? 'room.candidate.refuse.lost' : hasGrown ? 'room.candidate.refuse.grown' : 'room.candidate.refuse.text',
    ),
    actionForm: actionForm(visit, {
      action: href(candidatePath(candidate)),
      hidden: { revision: stampOf(candidate) },
      fields: whoAndWhy(visit, input, 'room.candidate.reason.note'),
      buttons: [
        { label: words.say('room.candidate.sign'), does: 'sign' },
        { label: words.say('room.candidate.refuse'), does: 'refuse', look: 'alert' },
      ],
    }),
  }
}
