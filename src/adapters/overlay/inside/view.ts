/**
 * Perl: looking at what lies below a writable part. `view_of` mounts layers read-only over a folder, seen by this
 * process alone, and keeps it open from outside the root that is entered afterwards; `open_below` reaches into it with
 * openat2, which holds every name inside. Numbers: openat2 437, RESOLVE_NO_MAGICLINKS 2, _NO_SYMLINKS 4, _IN_ROOT 16.
 */
export const viewPart = String.raw`
my $view;
sub view_of {
  my ($layers, $option, $at) = @_;
  own_mounts(); chdir $layers or oops("chdir");
  sys('mount', 'overlay', $at, 'overlay', 1, $option) == 0 or oops("mounting the layers");
  opendir($view, $at) or oops("opening the layers");
}
sub open_below {
  my ($path, $flags, $resolve) = @_; my $how = pack('QQQ', $flags, 0, $resolve); my $size = length $how;
  my $number = 437; my $from = fileno $view;
  my $fd = syscall($number, $from, $path, $how, $size); return if $fd < 0;
  open(my $file, '<&=', $fd) or oops("opening $path"); return $file;
}
# lstat of it, links not followed on the way either: what stands at this very name.
sub stat_below { my $file = open_below($_[0], 010000000|O_NOFOLLOW, 6) or return; return stat $file }
# The names in a folder of it. Called in the root '/', where it returns to.
sub names_below {
  my $folder = open_below($_[0], O_RDONLY|O_DIRECTORY|O_NOFOLLOW, 6) or return;
  chdir $folder or oops("chdir"); my @names;
  if (opendir(my $d, '.')) { @names = grep { $_ ne '.' && $_ ne '..' } readdir $d }
  chdir '/' or oops("chdir"); return @names;
}
# What the runtime leaves where it mounts its files: no change of anybody's.
my %mountpoint = map { $_ => 1 } qw(etc/hosts etc/hostname etc/resolv.conf etc/mtab .dockerenv);
sub is_mountpoint { my ($path, @s) = @_; return $mountpoint{$path} && S_ISREG($s[2]) && $s[7] == 0 }
`;
