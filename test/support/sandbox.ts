/**
 * What Lambda leaves a process of: read-only code, no shared memory, a small /tmp, few files and processes, another
 * user than root.
 */
import { spawnSync } from 'node:child_process'
import { readFile, statfs } from 'node:fs/promises'
import { getuid } from 'node:process'

type SandboxOptions = { readonly folder: string; readonly temporaryMb: number }

/** Lambda's own limits ("Lambda quotas": file descriptors, processes and threads). */
export const limits = { files: 1_024, processes: 1_024 } as const

/** The code's folder inside: every Linux has it. */
export const codeInside = '/mnt'

const script = `set -e
mount --bind "$1" ${codeInside}
mount -o remount,ro,bind ${codeInside}
mount -t tmpfs -o ro,size=4k tmpfs /dev/shm
mount -t tmpfs -o "size=$2m,mode=1777" tmpfs /tmp
cd ${codeInside}
shift 2
exec "$@"`

const isRoot = getuid?.() === 0
const nobody = 65_534
/** Root maps itself away; any other user needs a user namespace. */
const alone = isRoot ? ['unshare', '--mount'] : ['unshare', '--user', '--map-root-user', '--mount']
const asNobody = isRoot ? ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'] : []
const limited = [
  'prlimit',
  `--nofile=${limits.files}:${limits.files}`,
  `--nproc=${limits.processes}:${limits.processes}`,
]

/** As whom it runs inside, seen from outside. */
export const userInside = isRoot ? nobody : getuid?.()

/** The words that start a command inside. */
export const inSandbox =
  ({ folder, temporaryMb }: SandboxOptions) =>
  (command: readonly [string, ...string[]]): readonly [string, ...string[]] => [
    ...(alone as [string, ...string[]]),
    ...['--', 'sh', '-c', script, 'sandbox', folder, String(temporaryMb)],
    ...asNobody,
    ...limited,
    ...command,
  ]

/** Why this machine cannot make one; undefined where it can. */
export const whyNoSandbox = (root: string): string | undefined => {
  if (process.platform !== 'linux') return 'limits like Lambda’s are Linux’s'
  if (`${root}/`.startsWith('/tmp/')) return 'this checkout lies in /tmp, which the sandbox has for itself'
  const [command, ...words] = inSandbox({ folder: root, temporaryMb: 1 })([process.execPath, '--version'])
  const { status, error, stderr } = spawnSync(command, words, { encoding: 'utf8' })
  if (status === 0) return undefined
  return `unshare, setpriv, prlimit and mounts are not allowed here: ${error?.message ?? stderr.trim().slice(0, 300)}`
}

/** What the kernel says of a process inside. */
export const insideOf = async (pid: number) => {
  const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8')
  const limit = async (name: string) => Number(new RegExp(`^${name} +(\\d+)`, 'm').exec(await read('limits'))?.[1])
  const mounts = (await read('mountinfo')).split('\n').map((line) => line.split(' '))
  const optionsOf = (place: string) => mounts.findLast((words) => words[4] === place)?.[5] ?? ''
  const [, user] = /^Uid:\s+(\d+)/m.exec(await read('status')) ?? []
  const { blocks, bfree, bsize } = await statfs(`/proc/${pid}/root/tmp`)
  return {
    user: Number(user),
    files: await limit('Max open files'),
    processes: await limit('Max processes'),
    isCodeReadOnly: /(^|,)ro(,|$)/.test(optionsOf(codeInside)),
    isShmReadOnly: /(^|,)ro(,|$)/.test(optionsOf('/dev/shm')),
    temporary: { size: blocks * bsize, used: (blocks - bfree) * bsize },
  }
}
