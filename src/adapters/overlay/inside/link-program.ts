import { prelude } from "./prelude.ts";
import { unpackPart } from "./unpack-program.ts";
import { viewPart } from "./view.ts";

/**
 * Makes the hard links of a layer whose files lie in a layer below, by copying them. Arguments: layers' folder, mount
 * option of what is below, a folder to mount it on, the new layer's root; stdin: path and target in turn, NUL between.
 */
export const linkProgram = `${prelude}${unpackPart}${viewPart}${String.raw`
my ($layers, $option, $at, $root) = @ARGV;
local $/; my @links = split /\0/, <STDIN>;
view_of($layers, $option, $at); root_is($root);
my %copied; my @kept;
for (my $i = 0; $i < @links; $i += 2) { my $p = $links[$i]; $p =~ s{/[^/]*\z}{} or $p = '.'; my @s = stat $p; push @kept, [$p, $s[9]] if @s }
while (my ($path, $target) = splice @links, 0, 2) {
  my $first = $copied{$target};
  if (defined $first) { placed($path, 'h', sub { link $first, $path }); next }
  my $source = open_below($target, O_RDONLY|O_NONBLOCK, 18) or fail('layer', "$path is a link to $target, which isn't there");
  my @s = stat $source; S_ISREG($s[2]) or fail('layer', "$path is a link to $target, which is no file");
  my $file; my $block;
  placed($path, 'f', sub { sysopen($file, $path, O_WRONLY|O_CREAT|O_EXCL|O_NOFOLLOW, 0600) });
  while (my $n = sysread($source, $block, 262144)) {
    my $o = 0; while ($o < $n) { my $w = syswrite($file, $block, $n - $o, $o); defined $w or oops("writing $path"); $o += $w }
  }
  chown $s[4], $s[5], $file or oops("chown of $path"); chmod $s[2] & 07777, $file or oops("chmod of $path"); close $file;
  stamp($path, $s[9], 0); $copied{$target} = $path;
}
stamp($$_[0], $$_[1], 0) for @kept;
`}`;
