import { type Command, InvalidArgumentError } from 'commander'
import { codesOf } from '../arguments.ts'
import type { CliContext } from '../home/context.ts'
import { utcMinute } from '../output/tables.ts'
import { globalsOf } from '../run.ts'
import { bare, command, group, list } from '../table.ts'
import { argument, author, option } from '../words.ts'

type Does = 'accept' | 'refuse' | 'fix'

const contested = { accept: 'contested accept RECORD WHO', refuse: 'contested refuse RECORD WHO' }

/** The command that does it, with the values that it takes. */
const commands: Readonly<Record<string, Partial<Record<Does, string>>>> = {
  ...{ contested, lower: contested, withdrawn: contested },
  unplaced: { refuse: 'withdraw ID WHO', fix: 'unplaced place ID TERRITORIES WHO' },
  reject: { refuse: 'rejects drop ID WHO', fix: 'rejects retry --id ID --text TEXT BY' },
  candidate: { accept: 'candidates sign ID WHO', refuse: 'candidates refuse ID WHO' },
  flash: { accept: 'flash approve ID BY', refuse: 'flash refuse ID WHO' },
  held: { accept: 'report EDITION --deliver' },
}

/** What to do where none of these commands fits. */
const instead: Readonly<Record<string, string>> = {
  unplaced: 'vigie inbox fix KEY --territory CODE',
  reject: 'vigie inbox fix KEY --text TEXT',
  effect: 'vigie correct ID --set observedEffect.confirmed=NAME, for the detection with the effect',
  approval: 'vigie note add TERRITORY PERIOD --approve, or approve the note in vigie serve',
  held: 'vigie correct what it is held for, then vigie inbox accept KEY',
}

type Asked = {
  readonly key: string
  readonly by: string
  readonly reason?: string
  readonly territories?: readonly string[]
  readonly text?: string
}

const act = async (does: Does, asked: Asked, self: Command): Promise<void> => {
  const { by, reason, territories, text } = asked
  const [, kind = '', id = ''] = /^([a-z]+):(.+)$/s.exec(asked.key) ?? []
  const [, record = id, hash = ''] = /^(.+)@(\w+)$/s.exec(id) ?? []
  const [territory = '', period = '', cap = ''] = id.split('/')
  const values: Readonly<Record<string, readonly string[] | undefined>> = {
    ID: [id],
    RECORD: [record, '--record', hash],
    EDITION: [territory, period, '--cap', cap],
    TERRITORIES: territories,
    TEXT: text === undefined ? undefined : [text],
    BY: ['--by', by],
    WHO: ['--by', by, ...(reason === undefined ? [] : ['--reason', reason])],
  }
  const words = (commands[kind]?.[does] ?? 'NONE')
    .split(' ')
    .map((word) => (/^[A-Z]+$/.test(word) ? values[word] : [word]))
  if (words.includes(undefined)) {
    const fix =
      instead[kind] ?? (kind in commands ? 'vigie inbox accept or refuse KEY' : 'vigie inbox list names the keys')
    throw new InvalidArgumentError(`${asked.key}: ${fix.replace('KEY', asked.key)}`)
  }
  let root = self
  while (root.parent) root = root.parent
  const { json, ...folders } = globalsOf(self)
  const { withContext } = await import('../home/context.ts')
  await withContext({ ...folders, json, makes: false, isTrial: false, isEndless: false }, (context) =>
    itemNamed(asked.key, context),
  )
  const globals = (['home', 'stage', 'templates'] as const).flatMap((name) =>
    folders[name] === undefined ? [] : [`--${name}`, folders[name]],
  )
  const line = [...globals, ...(json ? ['--json'] : []), ...words.flatMap((word) => word ?? [])]
  await root.parseAsync(line, { from: 'user' })
}

const itemsOf = async ({ services, caller }: CliContext) => {
  const { inboxFor } = await import('../../../lambdas/usecases/todo/inbox.ts')
  const { inboxLine } = await import('../../../lambdas/web/reading-room/todo/inbox.ts')
  const { roomWordingOf } = await import('../../../lambdas/web/shared/wording.ts')
  const { subjectOf } = await import('../../../lambdas/domain/core/place/territory.ts')
  const visit = { words: roomWordingOf('en'), clock: { ...subjectOf('ALL'), isChosen: false }, href: String, caller }
  return (await inboxFor(caller, services)).map((item) => {
    const { title, about, whyPath, otherwise, ...line } = inboxLine(visit, item)
    const [named, why] = [[title.text, about].filter(Boolean).join(', '), `${whyPath} ${line.why}`.trim()]
    return { listed: { key: item.key, kind: item.kind, since: item.since, title: named, why, otherwise }, item }
  })
}

const itemNamed = async (key: string, context: CliContext) => {
  const found = (await itemsOf(context)).find(({ listed }) => listed.key === key)
  if (!found) throw new Error(`nothing waits as ${JSON.stringify(key)}: vigie inbox list names what does`)
  return found
}

const key = argument('<key>', 'as vigie inbox list names it')
const by = author('author, kept with the decision').needed()
const reason = option('--reason <text>', 'reason, kept with the decision').filled()

export const inboxCommands = [
  group('inbox', 'all that waits for an analyst, oldest first'),
  list('inbox list', {
    description: 'what waits, since when, and what happens if nobody acts',
    read: async (_, context) => (await itemsOf(context)).map(({ listed }) => listed),
    columns: {
      Key: (one) => one.key,
      Kind: ({ kind }) => kind,
      Since: ({ since }) => utcMinute(since),
      Title: ({ title }) => title,
      'If nobody acts': ({ otherwise }) => otherwise,
    },
    none: 'nothing to do',
  }),
  command('inbox show', {
    description: 'one item with all that is stored of it',
    takes: { key },
    run: async (asked, context) => {
      const { listed, item } = await itemNamed(asked.key, context)
      const { changeLines } = await import('../../../lambdas/web/reading-room/frame/field-text.ts')
      const { roomWordingOf } = await import('../../../lambdas/web/shared/wording.ts')
      const whole = item.kind === 'candidate' ? await context.services.candidates.get(item.of.id) : item.of
      const lines = [
        ...Object.entries(listed).map(([name, value]) => `${name}: ${value}`),
        ...('effect' in item.of
          ? changeLines(item.of.effect, roomWordingOf('en')).map((line) => `change: ${line}`)
          : []),
        ...JSON.stringify(whole, null, 2).split('\n'),
      ]
      return { value: { ...listed, item: whole }, lines }
    },
  }),
  ...(['accept', 'refuse'] as const).map((does) =>
    bare(`inbox ${does}`, {
      description: `${does === 'accept' ? 'sign, approve, store or make again' : 'refuse, drop or withdraw'}, by the kind of the item`,
      takes: { key, by, reason },
      act: (asked, self) => act(does, asked, self),
    }),
  ),
  bare('inbox fix', {
    description: 'place a detection, or give the corrected text of a record that could not be read',
    takes: {
      ...{ key, by, reason },
      territories: option('--territory <code...>', 'codes, names or groups').read(codesOf),
      text: option('--text <text>', 'the corrected record, in the form of the raw text that vigie inbox show prints'),
      file: option('--file <file>', 'a file with the corrected record; - is standard input').not('text'),
    },
    act: async ({ file, ...asked }, self) => {
      const { textOf } = await import('../files.ts')
      await act('fix', file === undefined ? asked : { ...asked, text: (await textOf(file)).text }, self)
    },
  }),
]
