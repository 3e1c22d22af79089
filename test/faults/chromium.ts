/** A browser that dies, hangs, dumps its memory, is half there, or finds no room. */
import { spawn } from 'node:child_process'
import { mkdir, readdir, readFile, stat, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { cliFile, ended, type Ran, startVigie, vigie } from '../support/cli.ts'
import { input } from '../support/detections.ts'
import { ingestInto, openedOn } from '../support/services.ts'
import type { Grounds } from './grounds.ts'
import { homeLook, versionLook } from './look.ts'
import { type Cost, costOf, endedWith, lostOnly, type Outcome, type Row } from './row.ts'
import { smallDisk } from './small-disk.ts'

const week = '2024-W20'
const report = (home: string) => ['report', 'NC', week, '--home', home]

/** A home with a detection to tell of, and a temporary folder of its own, which shows what is left there. */
const newHome = async (grounds: Grounds) => {
  const folder = grounds.folder()
  const home = join(folder, 'home')
  const temporary = join(folder, 'tmp')
  await mkdir(temporary, { recursive: true })
  await openedOn(home, (opened) => ingestInto(opened, [input({ id: 'a', counts: { posts: 5 } })]))
  return {
    folder,
    home,
    temporary,
    env: { TMPDIR: temporary, VIGIE_CHROMIUM_DIR: process.env.VIGIE_CHROMIUM_DIR ?? tmpdir() },
  }
}

/** The browser that works in a temporary folder, once there is one. */
const browserIn = async (temporary: string): Promise<{ readonly pid: number; readonly profile: string }> => {
  for (; ; await pause(2)) {
    for (const name of await readdir(temporary)) {
      if (!name.startsWith('vigie-profile-')) continue
      const profile = join(temporary, name)
      const pid = Number(await readFile(join(profile, 'pid'), 'utf8').catch(() => ''))
      if (pid > 0) return { pid, profile }
    }
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** No browser, no profile, no core file; `but` names what may stay. */
const nothingLeft = async (
  temporary: string,
  pids: readonly number[],
  but = /^vigie-(chromium|fonts)-/,
): Promise<Cost> => {
  const names = (await readdir(temporary)).filter((name) => !but.test(name))
  const alive = pids.filter(isAlive)
  return {
    lost: [],
    twice: [],
    unverified: [...names.map((name) => `left behind: ${name}`), ...alive.map((pid) => `left running: ${pid}`)],
  }
}

const standsOnce = (home: string): Promise<Cost> =>
  openedOn(home, async ({ services }) =>
    costOf([await versionLook(services, { territory: 'NC', period: week }, 1), await homeLook(home, services)]),
  )

/** The browser gets a signal at moments of its work; the report is then asked for again. */
const signalled = async (
  grounds: Grounds,
  signal: NodeJS.Signals,
  start: (args: readonly string[], env: Readonly<Record<string, string>>) => ReturnType<typeof startVigie>,
  onDead: (profile: string) => Promise<number> = async () => 1,
): Promise<Outcome> => {
  const moments = [0, 120, 240, 360]
  const costs: Cost[] = []
  let injected = 0
  let failed = 0
  for (const after of moments) {
    const { home, temporary, env } = await newHome(grounds)
    const all = ended(start(report(home), env))
    const { pid, profile } = await browserIn(temporary)
    await pause(after)
    if (isAlive(pid)) {
      process.kill(pid, signal)
      injected += await onDead(profile)
    }
    const first = await all
    if (first.code !== 0) failed += 1
    costs.push(
      endedWith('the second report', await vigie(report(home), { env })),
      await nothingLeft(temporary, [pid]),
      await standsOnce(home),
    )
  }
  return {
    ...costOf(costs),
    injected,
    done: `at ${moments.length} moments: ${moments.length - failed} printed all the same, ${failed} failed and were made again; nothing left running or behind`,
  }
}

const killed: Row['inject'] = (grounds) => signalled(grounds, 'SIGKILL', (args, env) => startVigie(args, { env }))

/** Memory dumps are allowed, and the browser is made to leave one. */
const dumped: Row['inject'] = async (grounds) => {
  const pattern = await readFile('/proc/sys/kernel/core_pattern', 'utf8').catch(() => '')
  if (!pattern.startsWith('core')) return { notHere: `core files go to ${pattern.trim() || 'nowhere'}` }
  const allowing = (args: readonly string[], env: Readonly<Record<string, string>>) =>
    spawn('sh', ['-c', 'ulimit -c unlimited && exec "$@"', 'sh', process.execPath, cliFile, ...args], {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
  return signalled(grounds, 'SIGSEGV', allowing, async (profile) => {
    for (let tries = 0; tries < 400; tries += 1) {
      const names = await readdir(profile).catch(() => [])
      if (names.some((name) => name.startsWith('core'))) return 1
      await pause(1)
    }
    return 0
  })
}

/** Stopped once everything is printed: it answers no more when it is asked to close. */
const hanging: Row['inject'] = async (grounds) => {
  const { home, temporary, env } = await newHome(grounds)
  const all = ended(startVigie(report(home), { env }))
  const { pid } = await browserIn(temporary)
  const last = join(home, 'archive/reports/NC', week, 'amber/v0001/report.fr.pdf')
  while (!(await stat(last).catch(() => undefined))) await pause(1)
  process.kill(pid, 'SIGSTOP')
  const began = performance.now()
  const ran = await all
  const seconds = ((performance.now() - began) / 1_000).toFixed(1)
  return {
    ...costOf([endedWith('the report', ran), await nothingLeft(temporary, [pid]), await standsOnce(home)]),
    injected: 1,
    done: `the report stands, the command ended ${seconds} s later; nothing left running or behind`,
  }
}

const truncatedBinary: Row['inject'] = async (grounds) => {
  const { folder, home, temporary } = await newHome(grounds)
  const env = { TMPDIR: temporary, VIGIE_CHROMIUM_DIR: join(folder, 'chromium') }
  await mkdir(env.VIGIE_CHROMIUM_DIR)
  const costs: Cost[] = [endedWith('the first report', await vigie(report(home), { env }))]
  const [unpacked = ''] = (await readdir(env.VIGIE_CHROMIUM_DIR)).filter((name) => name.startsWith('vigie-chromium-'))
  const files = ['chromium', 'unpacked.json']
  for (const [at, name] of files.entries()) {
    const file = join(env.VIGIE_CHROMIUM_DIR, unpacked, name)
    await truncate(file, (await stat(file)).size >> 1)
    costs.push(
      endedWith(`with half of ${name}`, await vigie(['report', 'NC', `2024-W1${at}`, '--home', home], { env })),
    )
  }
  costs.push(await nothingLeft(temporary, []), await standsOnce(home))
  return { ...costOf(costs), injected: files.length, done: 'unpacked anew, and printed' }
}

/** Both where the browser is unpacked to a full disk, and where only its profile finds no room. */
const noRoom: Row['inject'] = async (grounds) => {
  const disk = await smallDisk(grounds.folder(), '1m')
  if ('notHere' in disk) return disk
  try {
    const { home, env } = await newHome(grounds)
    const unpacking = await vigie(report(home), { env: { TMPDIR: disk.folder, VIGIE_CHROMIUM_DIR: disk.folder } })
    const leftByUnpacking = await nothingLeft(disk.folder, [], /^vigie-fonts-/)
    await disk.fill()
    const working = await vigie(report(home), { env: { ...env, TMPDIR: disk.folder } })
    await disk.empty()
    await disk.resize('256m')
    const again = await vigie(report(home), { env: { ...env, TMPDIR: disk.folder } })
    const says = (ran: Ran, words: RegExp) =>
      ran.code === 0 || words.test(ran.stderr) ? lostOnly() : lostOnly(`it does not say why: ${ran.stderr.slice(-200)}`)
    return {
      ...costOf([
        leftByUnpacking,
        says(unpacking, /cannot be unpacked|ENOSPC|no space/i),
        endedWith('with room', again),
        await nothingLeft(disk.folder, []),
        await standsOnce(home),
      ]),
      injected: 2,
      done: `no room to unpack: ${toldOf(unpacking)}; none for its profile: ${toldOf(working)}; with room it prints`,
    }
  } finally {
    await disk.remove()
  }
}

const toldOf = ({ code }: Ran): string => (code === 0 ? 'it printed all the same' : 'it said so')

const where = 'a home, report'

export const chromiumRows: readonly Row[] = [
  { group: 'chromium', name: 'Chromium killed in mid-print', where, inject: killed },
  { group: 'chromium', name: 'Chromium hangs at close', where, inject: hanging },
  { group: 'chromium', name: 'Chromium dumps core', where, inject: dumped },
  { group: 'chromium', name: 'Chromium’s binary truncated', where, inject: truncatedBinary },
  { group: 'chromium', name: '/tmp full', where, inject: noRoom },
]
