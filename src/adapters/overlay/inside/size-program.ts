import { prelude } from "./prelude.ts";

/** Bytes of the files in a folder (argument), each file once. */
export const sizeProgram = `${prelude}${String.raw`
root_is($ARGV[0]); my ($bytes, %seen) = 0; my @todo = ('.');
while (@todo) {
  my $folder = pop @todo; opendir(my $d, $folder) or next;
  for my $name (readdir $d) {
    next if $name eq '.' || $name eq '..';
    my @s = lstat "$folder/$name" or next;
    if (S_ISDIR($s[2])) { push @todo, "$folder/$name" }
    elsif (S_ISREG($s[2])) { next if $s[3] > 1 && $seen{"$s[0]:$s[1]"}++; $bytes += $s[7] }
  }
}
print $bytes;
`}`;
