/** One thing that `berth doctor` looked at. */
export interface Finding {
  /** `conmon`, `group docker`, `firewall` */
  name: string;
  /** fine; missing: nothing works without it; poor: something works less well. */
  state: "fine" | "missing" | "poor";
  /** What was found, or what doesn't work for it. */
  message: string;
  /** The one line, of a shell or the configuration, that cures it. */
  cure?: string;
}

/** Findings about one part of Berth. */
export interface Examination {
  /** `engine` */
  about: string;
  findings: Finding[];
}
