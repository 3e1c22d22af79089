/** Actions of people on a home, killed and repeated: all that people read is then as without the kill. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { SMTPServer } from 'smtp-server'
import { tableFileOf } from '../../lambdas/store/embedded/home.ts'
import { programTokensIn } from '../../lambdas/usecases/program-tokens.local.ts'
import { now } from '../support/clock.ts'
import { contentsOf, filesOf } from '../support/contents.ts'
import { detection, input } from '../support/detections.ts'
import { recipient } from '../support/recipients.ts'
import { ingestInto, type Opened, openedOn } from '../support/services.ts'
import { atMoments, laterMs, unsettledOf } from './killed.ts'
import { mailsLook } from './look.ts'
import { inItsOwnProcess } from './plates.ts'
import { costOf, endedWith, lostOnly, type Outcome, type Row } from './row.ts'

type Act = {
  /** @returns the words of the command */
  prepare(opened: Opened, home: string): Promise<readonly string[]>
  /** While nothing is open. */
  before?(home: string): Promise<void>
  /** The history keeps an import that was killed, and the one that completed it. */
  readonly isImport?: true
  /** Where its result lies, if not in the home. */
  at?(home: string): string
}

const who = ['--by', 'Ana', '--reason', 'seen'] as const
const reader = recipient('ana@example.org', { clearance: 'TLP:GREEN' })

const program = ['OpenCTI', '--scope', 'reports:read', '--territory', 'NC', '--clearance', 'GREEN'] as const

const until = '2026-12-20T00:00:00Z'

const found = async ({ services }: Opened) => {
  const one = detection({ id: 'c', counts: { posts: { value: 5, qualifier: 'exact' } } })
  await services.candidates.save({ detection: one, members: ['c'] }, services.clock())
}

const flashed = async (opened: Opened, home: string): Promise<string> => {
  await ingestInto(opened, [input({ id: 'a', counts: { posts: 5 } })])
  await inItsOwnProcess(['flash', 'a', '--until', until, '--home', home])
  return (await opened.services.reports.flashes())[0] ?? ''
}

const published = async (opened: Opened, home: string) => {
  await ingestInto(opened, [input({ id: 'a', counts: { posts: 5 } })])
  await inItsOwnProcess(['report', 'NC', '2024-W20', '--home', home])
}

const house = (opened: Opened, settings: object): Promise<void> =>
  writeFile(join(opened.context.folder, 'vigie.json'), JSON.stringify(settings))

/** By the command. */
export const homeActs: Readonly<Record<string, Act>> = {
  'inbox fix (unplaced)': {
    prepare: async (opened) => {
      await ingestInto(opened, [input({ id: 'a', territories: [] })])
      return ['inbox', 'fix', 'a', '--territory', 'PF', ...who]
    },
  },
  correct: {
    prepare: async (opened) => {
      await ingestInto(opened, [input({ id: 'a' })])
      return ['correct', 'a', '--set', 'counts.posts=41', ...who]
    },
  },
  withdraw: {
    prepare: async (opened) => {
      await ingestInto(opened, [input({ id: 'a' })])
      return ['withdraw', 'a', ...who]
    },
  },
  'inbox accept (contested)': {
    prepare: async (opened) => {
      await ingestInto(opened, [input({ id: 'a' })])
      await ingestInto(opened, [input({ id: 'a', detector: 'Other', hashtags: ['#other'] })])
      return ['inbox', 'accept', 'a', ...who]
    },
  },
  'ingest undo': {
    prepare: async (opened) => {
      const many = Array.from({ length: 40 }, (_, at) => input({ id: `a${at}` }))
      const { batches } = await ingestInto(opened, many)
      return ['ingest', 'undo', batches[0]?.batch ?? '', ...who]
    },
  },
  'inbox accept (candidate)': {
    prepare: async (opened) => {
      await found(opened)
      return ['inbox', 'accept', 'c', '--by', 'Ana']
    },
  },
  'inbox refuse (candidate)': {
    prepare: async (opened) => {
      await found(opened)
      return ['inbox', 'refuse', 'c', ...who]
    },
  },
  'inbox refuse (reject)': {
    prepare: async (opened) => {
      await ingestInto(opened, [{ ...input({ id: 'r' }), observed: { from: 'no day' } } as never])
      const [all] = await Array.fromAsync(opened.services.rejects.open())
      return ['inbox', 'refuse', all?.rejectId ?? '', ...who]
    },
  },
  'archive recall': {
    prepare: async (opened, home) => {
      await published(opened, home)
      return ['archive', 'recall', 'NC', '2024-W20', '1', ...who]
    },
  },
  'archive reindex': {
    prepare: async (opened, home) => {
      await published(opened, home)
      return ['archive', 'reindex']
    },
    before: (home) => rm(tableFileOf(home)),
  },
  backup: {
    prepare: async (opened, home) => {
      await published(opened, home)
      return ['backup', `${home}-copy`]
    },
    at: (home) => `${home}-copy`,
  },
  'archive copy': {
    prepare: async (opened, home) => {
      await published(opened, home)
      return ['archive', 'copy', 'home', `home:${home}-copy`]
    },
    at: (home) => `${home}-copy`,
  },
  detect: {
    prepare: async (_, home) => {
      const file = `${home}.ndjson`
      const text = 'La police a tiré sur la foule devant le supermarché de Nouméa, partagez avant suppression'
      const posts = Array.from({ length: 14 }, (_, at) => {
        return { id: `p${at}`, account: `one-${at}`, text, time: `2024-05-15T02:${10 + at}:00Z` }
      })
      await writeFile(file, posts.map((post) => JSON.stringify(post)).join('\n'))
      return ['detect', file, '--territory', 'NC']
    },
  },
  dossier: {
    prepare: async (opened) => {
      await ingestInto(opened, [input({ id: 'a', campaign: 'BIG', counts: { posts: 5 } })])
      return ['dossier', 'BIG', '--until', '2024-W20']
    },
  },
  'rejects retry': {
    isImport: true,
    prepare: async (opened) => {
      await ingestInto(opened, [{ ...input({ id: 'r' }), observed: { from: 'no day' } } as never])
      const [all] = await Array.fromAsync(opened.services.rejects.open())
      return [
        'rejects',
        'retry',
        '--id',
        all?.rejectId ?? '',
        '--text',
        JSON.stringify(input({ id: 'r' })),
        '--by',
        'Ana',
      ]
    },
  },
  'recipients add': {
    prepare: async () => ['recipients', 'add', reader.address, '--territory', 'NC', ...who],
  },
  'recipients import': {
    prepare: async (_, home) => {
      const file = `${home}.csv`
      await writeFile(file, 'address,territories,clearance\nana@example.org,NC,GREEN\nben@example.org,PF,GREEN\n')
      return ['recipients', 'import', file, ...who]
    },
  },
  'recipients remove': {
    prepare: async ({ services }) => {
      await services.recipients.replace(reader)
      return ['recipients', 'remove', reader.address, ...who]
    },
  },
  'recipients update': {
    prepare: async ({ services }) => {
      await services.recipients.replace(reader)
      return ['recipients', 'update', reader.address, '--clearance', 'RED', ...who]
    },
  },
  'schedules pause': {
    prepare: async () => ['schedules', 'pause', 'NC', ...who],
  },
  'schedules resume': {
    prepare: async (_, home) => {
      await inItsOwnProcess(['schedules', 'pause', 'NC', ...who, '--home', home])
      return ['schedules', 'resume', 'NC', ...who]
    },
  },
  'sources mark': {
    prepare: async (opened) => {
      await ingestInto(opened, [input({ id: 'a' })])
      return ['sources', 'mark', 'D3lta', '--marking', 'GREEN', ...who]
    },
  },
  'tokens add': {
    prepare: async () => ['tokens', 'add', ...program, '--by', 'Ana'],
  },
  'tokens revoke': {
    prepare: async (_, home) => {
      await inItsOwnProcess(['tokens', 'add', ...program, '--by', 'Ana', '--home', home])
      return ['tokens', 'revoke', 'OpenCTI', '--by', 'Ana']
    },
  },
  'note add': {
    prepare: async (_, home) => {
      const file = `${home}.md`
      await writeFile(file, 'Seen.')
      return ['note', 'add', 'NC', '2024-W20', '--file', file, '--author', 'Ana', '--role', 'analyst', '--lang', 'en']
    },
  },
  flash: {
    prepare: async (opened) => {
      await ingestInto(opened, [input({ id: 'a', counts: { posts: 5 } })])
      return ['flash', 'a', '--until', until]
    },
  },
  'flash approve': {
    prepare: async (opened, home) => {
      await opened.services.recipients.replace(reader)
      return ['flash', 'approve', await flashed(opened, home), '--by', 'Ana']
    },
  },
  'flash refuse': {
    prepare: async (opened, home) => ['flash', 'refuse', await flashed(opened, home), ...who],
  },
  'forget --expired': {
    prepare: async (opened) => {
      await house(opened, { retention: { accounts: 400, texts: 400 } })
      opened.at('2024-05-20T00:00:00.000Z')
      await ingestInto(opened, [input({ id: 'a', accountRefs: ['@one'], summary: { en: 'By @one.' } })])
      return ['forget', '--expired']
    },
  },
}

/** A killed command of people may end as not done, until it is repeated. */
const acting =
  (names: readonly string[], moments: number): Row['inject'] =>
  async (grounds) => {
    const outcomes: Outcome[] = []
    for (const name of names) {
      const { prepare, before, isImport, at = (home) => home } = homeActs[name] as Act
      let whole: unknown
      const outcome = await atMoments(
        grounds,
        moments,
        async (home) => {
          await mkdir(dirname(home), { recursive: true })
          const args = await openedOn(home, (opened) => prepare(opened, home))
          await before?.(home)
          return {
            args,
            look: async () => {
              const folder = at(home)
              const read = await openedOn(folder, async ({ services, table, at: setClock }) => {
                setClock(new Date(now().getTime() + 2 * laterMs).toISOString())
                const programs = (await programTokensIn(table).all()).map(({ name, revokedBy }) => [name, revokedBy])
                return { programs, all: await contentsOf(services, { leavesOut: isImport && 'history' }) }
              })
              const contents = { read, files: await filesOf(folder) }
              whole ??= contents
              return lostOnly(
                ...apart(contents, whole)
                  .slice(0, 3)
                  .map((one) => `${name}: ${one}`),
              )
            },
          }
        },
        inItsOwnProcess,
      )
      outcomes.push(outcome)
    }
    return {
      ...costOf(outcomes),
      injected: outcomes.reduce((sum, { injected }) => sum + injected, 0),
      done: `${names.join(', ')}: each at ${moments} moments and repeated; read as without a kill`,
    }
  }

/** Where two values differ. */
const apart = (one: unknown, other: unknown, path = ''): readonly string[] => {
  if (isDeepStrictEqual(one, other)) return []
  if (typeof one !== 'object' || typeof other !== 'object' || !one || !other) {
    const short = (value: unknown) => (JSON.stringify(value) ?? 'nothing').slice(0, 100)
    return [`${path} is ${short(one)}, without a kill ${short(other)}`]
  }
  const [mine, theirs] = [one, other] as readonly Readonly<Record<string, unknown>>[]
  return Object.keys({ ...mine, ...theirs }).flatMap((name) => apart(mine?.[name], theirs?.[name], `${path}.${name}`))
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

/** A reader has the mail once; or the ledger says that it is unknown, for a person. */
const mailing: Row['inject'] = async (grounds) => {
  const mailed: string[] = []
  const server = new SMTPServer({
    ...{ authOptional: true, disabledCommands: ['STARTTLS'] },
    onData: (stream, { envelope }, done) => {
      stream.resume().on('end', () => {
        mailed.push(...envelope.rcptTo.map(({ address }) => address))
        done()
      })
    },
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.server.address() as AddressInfo
  try {
    return await atMoments(grounds, 8, async (home) => {
      mailed.splice(0)
      const addresses = ['ana', 'ben', 'eve'].map((name) => `${name}@example.org`)
      await openedOn(home, async (opened) => {
        await house(opened, { mail: { from: 'vigie@example.org', smtp: `smtp://127.0.0.1:${port}` } })
        for (const address of addresses) await opened.services.recipients.replace(recipient(address))
        await published(opened, home)
      })
      return {
        args: ['report', 'NC', '2024-W20', '--deliver'],
        look: () =>
          openedOn(home, async ({ services }) =>
            mailsLook(
              mailed,
              addresses,
              await unsettledOf(addresses, await services.deliveries.about('NC', '2024-W20'), services),
            ),
          ),
      }
    })
  } finally {
    await new Promise<void>((done) => server.close(() => done()))
  }
}

const kill = { group: 'killed', where: 'a home' }
/** Takes too long for a test: it prints, or copies files. */
const slow = [
  ...['archive copy', 'archive recall', 'archive reindex', 'backup', 'dossier'],
  ...['flash', 'flash approve', 'flash refuse'],
]

export const actRows: readonly Row[] = [
  { ...kill, name: 'SIGKILL in the midst of forgetting an account', inject: forgettingAccount },
  {
    ...kill,
    name: 'SIGKILL in the midst of an act',
    inject: acting(
      Object.keys(homeActs).filter((name) => !slow.includes(name)),
      4,
    ),
  },
  { ...kill, name: 'SIGKILL in the midst of work on files', inject: acting(slow, 6) },
  { ...kill, name: 'SIGKILL in the midst of mailing by SMTP', where: 'a home and a mail server', inject: mailing },
]
