import { refang } from '../../domain/core/text/defang.ts'

/** All other paths are no profiles. */
const paths: ReadonlyMap<string, RegExp> = new Map([
  ['x.com', /^\/(?!(?:home|i|search|explore|settings|hashtag|intent|share|login)$)(\w+)$|^\/i\/user\/(\d+)$/i],
  [
    'facebook.com',
    /^\/(?!(?:groups|events|watch|pages|people|reel|share|marketplace|gaming|login)$)(?![\w.-]*\.php$)([\w.-]+)$|^\/(?:pages|people)\/[^/]+\/(\d+)$|^\/profile\.php\?(?:.*&)?id=(\d+)(?:&|$)/i,
  ],
  ['instagram.com', /^\/(?!(?:p|reel|reels|explore|stories|accounts)$)([\w.]+)$/i],
  ['threads.net', /^\/@([\w.]+)$/i],
  ['tiktok.com', /^\/@([\w.]+)$/i],
  ['youtube.com', /^\/@([^/?]+)$|^\/(?:channel|c|user)\/([^/?]+)$/i],
  ['t.me', /^\/(?!(?:joinchat|share|proxy|addstickers)$)(?:s\/)?(\w+)$/i],
  ['vk.com', /^\/(?!(?:feed|wall|video|photo)$)([\w.]+)$/i],
  ['ok.ru', /^\/(?:profile\/)?([\w.]+)$/i],
  ['reddit.com', /^\/(?:u|user)\/([\w-]+)$/i],
  ['linkedin.com', /^\/(?:in|company)\/([^/?]+)$/i],
  ['bsky.app', /^\/profile\/([\w.:-]+)$/i],
  ['truthsocial.com', /^\/@(\w+)$/i],
])

const otherHosts: Readonly<Record<string, string>> = {
  'twitter.com': 'x.com',
  'fb.com': 'facebook.com',
  'threads.com': 'threads.net',
  'telegram.me': 't.me',
  'vkontakte.ru': 'vk.com',
}

export const profileName = (address: string): string | undefined => {
  const plain = refang(address)
  const url = URL.parse(/^https?:\/\//i.test(plain) ? plain : `https://${plain}`)
  if (!url || !/^https?:$/.test(url.protocol)) return undefined
  const bare = url.hostname.replace(/^(?:www|m|mobile|[a-z]{2}-[a-z]{2})\./, '')
  const host = otherHosts[bare] ?? bare
  const path = decoded(url.pathname.replace(/\/+$/, '') + (url.pathname === '/profile.php' ? url.search : ''))
  const pattern = paths.get(host)
  // On other hosts, a single name with a leading sign is a fediverse account.
  if (!pattern) return federated(host, path)
  return pattern
    .exec(path)
    ?.slice(1)
    .find((name) => name !== undefined)
}

const federated = (host: string, path: string): string | undefined => {
  const name = /^\/@([\w.-]+)$/.exec(path)?.[1]
  return name === undefined ? undefined : `${name}@${host}`
}

const decoded = (path: string): string => {
  try {
    return decodeURIComponent(path)
  } catch {
    return path // a stray per cent sign does not hide a profile
  }
}
