/** A home that may only be read. */
import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { vigie, writeNdjson } from '../support/cli.ts'
import { input } from '../support/detections.ts'
import { ingestInto, openedOn } from '../support/services.ts'
import { archiveLook, detectionsLook, witness } from './look.ts'
import { type Cost, costOf, endedWith, lostOnly, type NotHere, type Row } from './row.ts'
import { mounted, unmount } from './small-disk.ts'

const run = promisify(execFile)
const week = '2024-W20'

/**
 * The home as one that may only be read: root sees it mounted so, since modes do not hinder root; others by its modes.
 */
const asReadOnly = async (
  home: string,
  seen: string,
): Promise<NotHere | { readonly home: string; end(): Promise<void> }> => {
  if (process.getuid?.() !== 0) {
    await run('chmod', ['-R', 'a-w', home])
    return { home, end: async () => void (await run('chmod', ['-R', 'u+w', home])) }
  }
  await mkdir(seen)
  const refused = (await mounted('--bind', home, seen)) ?? (await mounted('-o', 'remount,ro,bind', seen))
  return refused ?? { home: seen, end: () => unmount(seen) }
}

const readOnly: Row['inject'] = async (grounds) => {
  const folder = grounds.folder()
  const home = join(folder, 'home')
  await openedOn(home, (opened) => ingestInto(opened, [input({ id: 'a' })]))
  const made = await vigie(['report', 'NC', week, '--home', home])
  const file = await writeNdjson(join(folder, 'b.ndjson'), input({ id: 'b' }))
  const unchanged = witness(home)
  const costs: Cost[] = [endedWith('the first report', made), await unchanged()]
  const readable = await asReadOnly(home, join(folder, 'read-only'))
  if ('notHere' in readable) return readable
  const writing = [
    ['ingest', file],
    ['report', 'NC', '2024-W19'],
    ['weekly', week],
    ['withdraw', 'a', '--reason', 'a test'],
  ]
  const reading = [['archive', 'verify'], ['archive', 'list'], ['history'], ['detections', 'list']]
  try {
    for (const args of reading) {
      costs.push(endedWith(args.join(' '), await vigie([...args, '--home', readable.home])), await unchanged())
    }
    for (const args of writing) {
      const ran = await vigie([...args, '--home', readable.home])
      const said = ran.code === 1 && ran.stderr.includes('cannot be written')
      costs.push(
        said ? lostOnly() : lostOnly(`${args[0]} does not say that it cannot write: ${ran.stderr.slice(0, 200)}`),
        await unchanged(),
      )
    }
  } finally {
    await readable.end()
  }
  costs.push(
    endedWith('writable again', await vigie(['ingest', file, '--home', home])),
    await openedOn(home, async ({ services }) =>
      costOf([await detectionsLook(services, 'NC', [week], ['a', 'b']), await archiveLook(services)]),
    ),
  )
  return {
    ...costOf(costs),
    injected: reading.length + writing.length,
    done: 'four commands read it; four that write say so and change no byte; writable again, it goes on',
  }
}

export const readOnlyRows: readonly Row[] = [
  {
    group: 'home',
    name: 'a read-only home',
    where: 'a home mounted read-only, or without write modes',
    inject: readOnly,
  },
]
