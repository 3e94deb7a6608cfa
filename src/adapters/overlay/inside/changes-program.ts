import { prelude } from "./prelude.ts";
import { viewPart } from "./view.ts";

/**
 * What a writable part changes: a letter (A, C, D) and a path to each, a NUL after it. Arguments as of diff-program. A
 * folder counts as changed when something in it did, or it itself.
 */
export const changesProgram = `${prelude}${viewPart}${String.raw`
my ($layers, $option, $at, $root) = @ARGV;
opendir(my $top, $root) or oops("opening the writable part");
view_of($layers, $option, $at);
chdir $top or oops("chdir"); root_is('.');
sub say_change { my ($kind, $path) = @_; print "$kind/$path\0"; return 1 }
sub compare {
  my ($folder, $hidden) = @_; my $any = 0;
  opendir(my $d, $folder) or return 0;
  my @names = grep { $_ ne '.' && $_ ne '..' } readdir $d; closedir $d;
  for my $name (@names) {
    my $path = $folder eq '.' ? $name : "$folder/$name";
    my @s = lstat $path or next;
    next if is_mountpoint($path, @s);
    if (S_ISCHR($s[2]) && $s[6] == 0) { say_change('D', $path); $any = 1; next }
    my @below = stat_below($path);
    my $both = @below && S_ISDIR($s[2]) && S_ISDIR($below[2]);
    my $own = !($both && $s[2] == $below[2] && $s[4] == $below[4] && $s[5] == $below[5] && $s[9] == $below[9]);
    if (S_ISDIR($s[2])) {
      $own = 1 if compare($path);
      if ($both && is_opaque($path)) {
        for my $gone (names_below($path)) { if (!lstat "$path/$gone") { say_change('D', "$path/$gone"); $own = 1 } }
      }
    }
    if ($own) { say_change(@below ? 'C' : 'A', $path); $any = 1 }
  }
  return $any;
}
compare('.');
`}`;
