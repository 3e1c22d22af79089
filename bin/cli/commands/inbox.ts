import { InvalidArgumentError } from 'commander'
import { faultText } from '../../../lambdas/domain/core/fault-text.ts'
import { fault } from '../../../lambdas/domain/core/fault.ts'
import { plural } from '../../../lambdas/domain/core/text/plural.ts'
import { messageOf } from '../../../lambdas/domain/core/text/thrown.ts'
import type { InboxItem } from '../../../lambdas/usecases/todo/inbox.ts'
import type { InboxActed } from '../answers.ts'
import { codesOf, wholeNumber } from '../arguments.ts'
import type { CliContext } from '../home/context.ts'
import { act, type Asked, type Does, kinds, kindsWith } from '../inbox-acts.ts'
import { decidedAs, type Filter, isAsked, itemNamed, itemsOf, notWaiting, recordIn } from '../inbox-items.ts'
import { utcMinute } from '../output/tables.ts'
import { say } from '../output/terminal.ts'
import { command, group, list } from '../table.ts'
import { argument, author, flag, option } from '../words.ts'

const filter = {
  kind: option('--kind <kind>', 'only of this kind').oneOf(kinds),
  batch: option('--batch <name>', 'only what came with this batch, or what undoing it would lower').filled(),
}

const deciding = {
  keys: argument('[key...]', 'as vigie inbox list names them, or ids; without any, all of a batch or kind'),
  by: author('author, kept with the decision', 'name who decides').needed(),
  reason: option('--reason <text>', 'reason, kept with the decision').filled(),
  ...filter,
}

export const inboxCommands = [
  group('inbox', 'all that waits for an analyst, oldest first'),
  list('inbox list', {
    description: 'what waits, since when, and what happens if nobody acts',
    takes: filter,
    read: async (asked, context) => (await itemsOf(context)).filter(isAsked(asked)).map(({ listed }) => listed),
    columns: {
      Key: (one) => one.key,
      Kind: ({ kind }) => kind,
      Since: ({ since }) => utcMinute(since),
      Title: ({ title }) => title,
      Why: ({ why }) => why,
      'If nobody acts': ({ otherwise }) => otherwise,
    },
    none: 'nothing to do',
  }),
  command('inbox show', {
    description: 'one item with all that is stored of it',
    takes: { key: argument('<key>', 'as vigie inbox list names it, or an id') },
    run: async ({ key }, context) => {
      const found = itemNamed(key, await itemsOf(context))
      if (!found) throw await notWaiting(await decidedAs(key, kinds, context.services), context)
      const { listed, item } = found
      const { whole, lines } = await storedOf(item, context)
      return {
        value: { ...listed, item: whole },
        lines: [...Object.entries(listed).map(([name, value]) => `${name}: ${value}`), ...lines],
      }
    },
  }),
  command('inbox accept', {
    description: 'sign, approve, store or make again, by the kind of the item',
    takes: {
      ...deciding,
      asNew: flag('--as-new', 'contested: store under a new id, <detector>:<id>, and keep the stored detection'),
      seen: option(
        '--revision <number>',
        'contested: revision of the stored detection, as vigie inbox show has it; refused if it has changed since (one record only)',
      ).parsed(wholeNumber('--revision')),
    },
    check: (asked) => {
      if (asked.seen !== undefined && (asked.asNew || asked.keys.length !== 1))
        throw new InvalidArgumentError('--revision: name one record, which is to be a revision')
      return asked
    },
    run: async (asked, context) => {
      const { lines, ...acted } = await actOn('accept', asked, context)
      const next = 'give the detector an idPrefix in vigie.json, so that its next records do not clash'
      return { ...acted, lines: asked.asNew && lines.length > 0 ? [...lines, next] : lines }
    },
  }),
  command('inbox refuse', {
    description:
      'refuse, drop or withdraw, by the kind of the item. A refused candidate returns only if its posts or accounts double; of a refused record, fields that no analyst corrected are updated',
    takes: deciding,
    run: (asked, context) => actOn('refuse', asked, context),
  }),
  command('inbox fix', {
    description: 'place detections, or give the corrected text of a record that could not be read',
    takes: {
      keys: argument('<key...>', 'as vigie inbox list names them, or ids'),
      ...{ by: deciding.by, reason: deciding.reason },
      territories: option('--territory <code...>', 'codes, names or groups').not('text', 'file').read(codesOf),
      same: option(
        '--same <id>',
        'the record is of this stored detection, though title, date and place differ',
      ).filled(),
      text: option('--text <text>', 'the corrected record, in the form of the raw text that vigie inbox show prints'),
      file: option('--file <file>', 'a file with the corrected record; - is standard input').not('text'),
    },
    check: async ({ file, ...asked }) => {
      if ((file ?? asked.text) === undefined) return asked
      if (asked.keys.length > 1) throw new InvalidArgumentError('--text and --file: name one record')
      const { textOf } = await import('../files.ts')
      return file === undefined ? asked : { ...asked, text: (await textOf(file)).text }
    },
    run: (asked, context) => actOn('fix', asked, context),
  }),
]

const storedOf = async (item: InboxItem, { services, caller }: CliContext) => {
  const candidate = item.kind === 'candidate' ? await services.candidates.get(item.of.id) : undefined
  if (candidate) {
    const { candidateStory } = await import('../output/candidate-lines.ts')
    const { countDecided } = await import('../../../lambdas/usecases/detect/decide-candidates.ts')
    const { signed, refused } = await countDecided(caller, services)
    const before = `so far ${plural(signed, 'candidate')} signed and ${refused} refused here`
    return { whole: candidate, lines: [...candidateStory(candidate), before] }
  }
  const { changeLines } = await import('../../../lambdas/web/reading-room/frame/field-text.ts')
  const { roomWordingOf } = await import('../../../lambdas/web/shared/wording.ts')
  const changes = 'effect' in item.of ? changeLines(item.of.effect, roomWordingOf('en')) : []
  const lines = [...changes.map((line) => `change: ${line}`), ...JSON.stringify(item.of, null, 2).split('\n')]
  return { whole: item.of, lines }
}

/** One that fails does not stop the others. */
const actOn = async (
  does: Does,
  { keys, kind, batch, ...asked }: Asked & Filter & { readonly keys: readonly string[] },
  context: CliContext,
) => {
  if (keys.length === 0 && (batch ?? kind) === undefined)
    throw new InvalidArgumentError('name the items by their keys, or all of a batch or kind by --batch or --kind')
  const items = await itemsOf(context)
  const all = items.filter(isAsked({ kind, batch })).filter((one) => kindsWith(does).includes(one.kind))
  if (keys.length === 0 && all.length === 0) throw new Error(`nothing of that waits to ${does}: see vigie inbox list`)
  const settled = new Map<string, InboxActed['settled'][number]>()
  const failed: InboxActed['failed'][number][] = []
  for (const word of keys.length > 0 ? keys : all.map(({ item }) => item.key)) {
    let key = word
    try {
      const found = itemNamed(word, items, { kind, batch })
      key = found?.item.key ?? word
      if (settled.has(key)) continue
      if (found && keys.length === 0 && does === 'accept' && !asked.asNew) refuseSeveral(found.item, all)
      const named = found ?? (await decidedAs(word, kindsWith(does), context.services))
      const { ok = true, under, lines } = await act(does, named, asked, context)
      if (ok) settled.set(key, { key, ...(under !== undefined && { under }), lines })
      else failed.push({ key, message: lines.join('; ') })
    } catch (error) {
      failed.push({ key, message: messageOf(error) })
    }
  }
  for (const { key, message } of failed) say(`${key}: ${message}`)
  const value = { settled: [...settled.values()], failed }
  return { ok: failed.length === 0, value, lines: value.settled.flatMap(({ lines }) => lines) }
}

/** The order of several detectors' records does not show which is right. */
const refuseSeveral = (item: InboxItem, all: readonly { readonly item: InboxItem }[]): void => {
  const own = recordIn(item)?.detection
  const records = all.flatMap((one) => recordIn(one.item)?.detection ?? []).filter(({ id }) => id === own?.id)
  const names = [...new Set(records.map(({ detector }) => detector.name))]
  if (own && names.length > 1)
    throw new Error(faultText(fault('contest.severalDetectors', { id: own.id, detectors: names.join(' and ') })))
}
