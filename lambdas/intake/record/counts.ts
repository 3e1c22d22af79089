/** Safe for names such as those of object properties. */
export const countsByName = () => {
  const counts: Record<string, number> = Object.create(null) as Record<string, number>
  return {
    counts,
    add: (name: string, count: number): void => {
      counts[name] = (counts[name] ?? 0) + count
    },
  }
}
