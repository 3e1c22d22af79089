/** Acts of persons on a home: whoever acts is killed, and acts again. One line of the history names who did it. */
import { everything } from '../../lambdas/domain/access/caller.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import type { Services } from '../../lambdas/usecases/services.ts'
import { historyFor } from '../../lambdas/usecases/todo/history.ts'
import { detection, input } from '../support/detections.ts'
import { recipient } from '../support/recipients.ts'
import { ingestInto, type Opened, openedOn } from '../support/services.ts'
import { atMoments } from './killed.ts'
import { inItsOwnProcess } from './plates.ts'
import { type Cost, costOf, endedWith, lostOnly, type Outcome, type Row } from './row.ts'

type Act = {
  /** @returns the words of the command */
  prepare(opened: Opened): Promise<readonly string[]>
  /** Words of its line; of a forgetting, which has none, what says that it was done. */
  readonly did: string
  isDone(services: Services): Promise<boolean>
}

const who = ['--by', 'Ana', '--reason', 'seen'] as const
const statusOf = async ({ detections }: Services, id: string) => (await detections.stored([id])).get(id)?.status
const reader = recipient('ana@example.org', { clearance: 'TLP:GREEN' })
const edition = { territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' } as const

const acts: Readonly<Record<string, Act>> = {
  place: {
    did: 'placed',
    prepare: async (opened) => {
      await ingestInto(opened, [input({ id: 'a', territories: [] })])
      return ['unplaced', 'place', 'a', 'PF', ...who]
    },
    isDone: async ({ detections }) => {
      const [from, to] = [Date.parse('2024-05-14T00:00:00Z'), Date.parse('2024-05-18T00:00:00Z')]
      return (await Array.fromAsync(detections.inWindow('PF', from, to, '9'))).length === 1
    },
  },
  correct: {
    did: 'corrected',
    prepare: async (opened) => {
      await ingestInto(opened, [input({ id: 'a' })])
      return ['correct', 'a', '--set', 'counts.posts=41', ...who]
    },
    isDone: async ({ detections }) => (await detections.latest('a'))?.counts.posts?.value === 41,
  },
  withdraw: {
    did: 'withdrawn',
    prepare: async (opened) => {
      await ingestInto(opened, [input({ id: 'a' })])
      return ['withdraw', 'a', ...who]
    },
    isDone: async (services) => (await statusOf(services, 'a')) === 'withdrawn',
  },
  'contested accept': {
    did: 'accepted',
    prepare: async (opened) => {
      await ingestInto(opened, [input({ id: 'a' })])
      await ingestInto(opened, [input({ id: 'a', detector: 'Other', hashtags: ['#other'] })])
      return ['contested', 'accept', 'a', ...who]
    },
    isDone: async ({ detections }) => (await detections.latest('a'))?.hashtags?.includes('#other') ?? false,
  },
  undo: {
    did: 'undone',
    prepare: async (opened) => {
      const many = Array.from({ length: 40 }, (_, at) => input({ id: `a${at}` }))
      const { batches } = await ingestInto(opened, many)
      return ['ingest', 'undo', batches[0]?.batch ?? '', ...who]
    },
    isDone: async (services) =>
      (await Promise.all(Array.from({ length: 40 }, (_, at) => statusOf(services, `a${at}`)))).every(
        (status) => status === 'withdrawn',
      ),
  },
  sign: {
    did: 'signed',
    prepare: async ({ services }) => {
      const one = detection({ id: 'c', counts: { posts: { value: 5, qualifier: 'exact' } } })
      await services.candidates.save({ detection: one, members: ['c'] }, services.clock())
      return ['candidates', 'sign', 'c', '--by', 'Ana']
    },
    isDone: async (services) => (await statusOf(services, 'c')) === 'active',
  },
  recall: {
    did: 'recalled',
    prepare: async ({ services }) => {
      await services.reports.claim({
        ...{ territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER', version: 1, state: 'published' },
        ...{ snapshotSha256: '', asOf: '2024-05-20T00:00:00.000Z', owner: '', leaseUntil: '', reconstructed: false },
        published: { manifestSha256: '', marking: 'TLP:GREEN' } as never,
      })
      return ['archive', 'recall', 'NC', '2024-W20', '1', ...who]
    },
    isDone: async ({ reports }) => (await reports.versions(edition))[0]?.recalled !== undefined,
  },
  'recipients update': {
    did: 'changed',
    prepare: async ({ services }) => {
      await services.recipients.replace(reader)
      return ['recipients', 'update', reader.address, '--clearance', 'RED', ...who]
    },
    isDone: async ({ recipients }) => (await recipients.get(reader.id))?.clearance === 'TLP:RED',
  },
  'rejects drop': {
    did: 'dropped',
    prepare: async (opened) => {
      await ingestInto(opened, [{ ...input({ id: 'r' }), observed: { from: 'no day' } } as never])
      const [all] = await Array.fromAsync(opened.services.rejects.open())
      return ['rejects', 'drop', all?.rejectId ?? '', ...who]
    },
    isDone: async ({ rejects }) => (await Array.fromAsync(rejects.open())).length === 0,
  },
}

const looked = async (home: string, { did, isDone }: Act): Promise<Cost> =>
  openedOn(home, async ({ services }) => {
    const lines = (await historyFor(everything, { most: 50, sender: '' }, services)).filter((one) => one.did === did)
    return {
      lost: [
        ...((await isDone(services)) ? [] : [`what was ${did}`]),
        ...(lines.length === 0 || lines.some(({ by }) => by !== 'Ana') ? [`who ${did} it`] : []),
      ],
      twice: lines.length > 1 ? [`${lines.length} lines of what was ${did}`] : [],
      unverified: [],
    }
  })

const acting: Row['inject'] = async (grounds) => {
  const outcomes: Outcome[] = []
  for (const [name, act] of Object.entries(acts)) {
    const outcome = await atMoments(
      grounds,
      4,
      async (home) => ({
        args: await openedOn(home, act.prepare),
        // The second one may say that it was done before.
        look: async () => looked(home, act),
      }),
      inItsOwnProcess,
    )
    const named = (found: readonly string[]) => found.map((one) => `${name}: ${one}`)
    outcomes.push({ ...outcome, lost: named(outcome.lost), twice: named(outcome.twice) })
  }
  return {
    ...costOf(outcomes),
    injected: outcomes.reduce((sum, { injected }) => sum + injected, 0),
    done: `${Object.keys(acts).join(', ')}: each at four moments; done again each time, and named once`,
  }
}

const account = 'Martin_Dupont'

const forgettingAccount: Row['inject'] = (grounds) =>
  atMoments(
    grounds,
    8,
    async (home) => {
      const pseudonym = await openedOn(home, async (opened) => {
        const summary = { en: `Relayed by @${account}.` }
        await ingestInto(
          opened,
          Array.from({ length: 60 }, (_, at) => input({ id: `a${at}`, summary, accountRefs: [account] })),
        )
        return (await opened.context.pseudonyms()).pseudonym(account)
      })
      return {
        args: ['forget', account],
        look: async (_, again) =>
          openedOn(home, async ({ table, services }) => {
            const stored = JSON.stringify(await Array.fromAsync(table.scan()))
            const left = [account, pseudonym].filter((one) => stored.includes(one))
            const noted = await services.forgetting.noted()
            return costOf([
              endedWith('the second forgetting', again),
              lostOnly(...left.map((one) => `the forgetting: ${one} is stored`)),
              noted.length === 0 ? lostOnly('the note of the forgetting') : lostOnly(),
            ])
          }),
      }
    },
    inItsOwnProcess,
  )

export const actRows: readonly Row[] = [
  {
    ...{ group: 'killed', name: 'SIGKILL in the midst of forgetting an account', where: 'a home' },
    inject: forgettingAccount,
  },
  { ...{ group: 'killed', name: 'SIGKILL in the midst of an act', where: 'a home' }, inject: acting },
]
