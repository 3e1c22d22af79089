/** A home that an older version made, and one that may only be read. */
import { execFile } from 'node:child_process'
import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { vigie, writeNdjson } from '../support/cli.ts'
import { input } from '../support/detections.ts'
import { ingestInto, openedOn } from '../support/services.ts'
import { archiveLook, detectionsLook, homeLook, versionLook, witness } from './look.ts'
import { type Cost, costOf, endedWith, lostOnly, type NotHere, type Row } from './row.ts'
import { mounted, unmount } from './small-disk.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const week = '2024-W20'

/** Commits of this repository whose homes are opened: the first one runs with no older packages than today's. */
const olderVersions = ['5aba09b8', '6ce51bab', 'c1a646e1', '922fdf5f'] as const

/** The version's own code in a folder, with today's packages. */
const checkedOut = async (commit: string, folder: string): Promise<string> => {
  await mkdir(folder, { recursive: true })
  await run('sh', ['-c', 'git -C "$1" archive "$2" | tar -x -C "$3"', 'sh', root, commit, folder])
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  return join(folder, 'bin', 'vigie.ts')
}

const olderHomes: Row['inject'] = async (grounds) => {
  for (const commit of olderVersions) {
    const found = await run('git', ['-C', root, 'cat-file', '-e', `${commit}^{commit}`]).catch(() => undefined)
    if (!found) return { notHere: `this checkout has no history: ${commit} is not in it` }
  }
  const costs: Cost[] = []
  for (const commit of olderVersions) {
    const folder = grounds.folder()
    const home = join(folder, 'home')
    const cli = await checkedOut(commit, join(folder, 'code'))
    const older = await writeNdjson(
      join(folder, 'older.ndjson'),
      ...['a', 'b'].map((id) => input({ id, counts: { posts: 5 } })),
      input({ id: 'before', observed: { from: '2024-05-08' } }),
    )
    const newer = await writeNdjson(join(folder, 'newer.ndjson'), input({ id: 'c' }))
    for (const args of [
      ['ingest', older],
      ['report', 'NC', '2024-W19'],
      ['report', 'NC', week],
    ]) {
      await run(process.execPath, [cli, ...args, '--home', home])
    }
    const unchanged = witness(join(home, 'archive'))
    costs.push(await unchanged())
    const now = async (...args: readonly string[]) =>
      endedWith(`${commit}: ${args[0]}`, await vigie([...args, '--home', home]))
    // What it holds is verified, found, taken as known, corrected, and mailed.
    costs.push(
      await now('archive', 'verify', '--allow-unsigned'),
      await now('ingest', older),
      await now('ingest', newer),
      await now('recipients', 'add', 'ana@example.org', '--territory', 'NC'),
      await now('report', 'NC', week, '--deliver'),
      await unchanged(),
      await openedOn(home, async ({ services }) =>
        costOf([
          await detectionsLook(services, 'NC', ['2024-W19', week], ['a', 'b', 'c', 'before']),
          await versionLook(services, { territory: 'NC', period: week }, 3),
          // Those that the older version made are not signed.
          await homeLook(home, services, { allowUnsigned: true }),
        ]),
      ),
    )
  }
  return {
    ...costOf(costs),
    injected: olderVersions.length,
    done: `${olderVersions.length} homes made by the code of ${olderVersions.join(', ')}: verified, the same file taken again, a correction made and mailed`,
  }
}

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

export const homeRows: readonly Row[] = [
  { group: 'home', name: 'a home of an older version', where: 'homes that older commits made', inject: olderHomes },
  {
    group: 'home',
    name: 'a read-only home',
    where: 'a home mounted read-only, or without write modes',
    inject: readOnly,
  },
]
